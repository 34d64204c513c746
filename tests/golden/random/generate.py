# xoshiro128++ and its seeding, written again from the papers (Python 3.11, no packages). Prints the golden values of
# tests/numeric/random.test.ts: python3 generate.py
M=0xffffffff
def imul(a,b): return (a*b)&M
def seed_state(s):
    st=[]
    for off in (0x811c9dc5,0x9e3779b9,0x85ebca6b,0xc2b2ae35):
        h=off
        for ch in s:
            h=imul(h^ord(ch),0x01000193); h^=h>>15
        m=imul(h^(h>>16),0x85ebca6b); m=imul(m^(m>>13),0xc2b2ae35); st.append((m^(m>>16))&M)
    return st
rotl=lambda x,k:((x<<k)|(x>>(32-k)))&M
class R:
    def __init__(s,seed): s.seed=seed; s.s=seed_state(seed)
    def bits(self):
        s=self.s; r=(rotl((s[0]+s[3])&M,7)+s[0])&M; t=(s[1]<<9)&M
        s[2]^=s[0]; s[3]^=s[1]; s[1]^=s[2]; s[0]^=s[3]; s[2]^=t; s[3]=rotl(s[3],11); return r
    def next(self):
        a=self.bits()>>5; b=self.bits()>>6
        return (a*67108864+b)/9007199254740992
    def derive(self,l): l=str(l); return R(f"{self.seed}/{len(l)}:{l}")
r=R("cairn"); print([r.next() for _ in range(3)])
r=R("1").derive("learner"); print([r.next() for _ in range(3)])
