/** Given names of invented people. */
export const givenNames: readonly string[] =
  "Ada Amir Anouk Arlo Asha Basil Bela Bram Calla Cleo Dario Della Eamon Edda Elio Fern Finn Freya Gael Greta Hana Hugo Ilse Imani Ines Ivo Jonah Juno Kai Kira Lars Lena Leo Lila Malik Maren Mila Milo Nadia Nico Nora Omar Opal Otis Petra Piper Quinn Rafi Rhea Rosa Ruben Sage Selma Soren Tariq Tess Uma Vera Wren Yara Zane Zora".split(
    " ",
  );

/** Family names of invented people. */
export const familyNames: readonly string[] =
  "Abara Alder Amado Banner Barrow Beck Bellamy Calder Castell Cove Darrow Delgado Ellery Esker Falk Farrow Fenn Garza Glenn Halloran Harrow Hollis Ibarra Jarvis Kestrel Kovac Lacey Larkin Lindqvist Locke Marlowe Mbeki Merrin Nakano Novak Oakes Okafor Pellar Penrose Quill Ramsey Redfern Rowan Sandoval Sorrel Stone Tamsin Thorne Tran Underhill Vance Vidal Wexler Whitlock Yardley Zamora".split(
    " ",
  );

/** The first name of a school; a number is added when there are more schools than names. */
export const schoolNames: readonly string[] =
  "Alder Creek,Juniper Hill,Birchwood,Cedar Flats,Dogwood Park,Elm Street,Fernvale,Granite Ridge,Hawthorn,Ironwood,Larch Valley,Maple Grove".split(
    ",",
  );
