# Writes known-answers.json: the handbook's known answers on public data, by the R packages that are their reference, to fifteen digits.
#
# Run: Rscript known-answers.R CAUSAL_FOLDER (the causal data sets), then format the fixture with Biome.
# Debian 12: r-base-core r-cran-jsonlite r-cran-lme4 r-cran-lmertest r-cran-sandwich r-cran-clubsandwich r-cran-estimatr r-cran-aer;
# versions are written into the fixture.
# Tolerance in the tests: class A of the handbook (closed forms) 1e-9, class B (convex iteration) 1e-6, class C (likelihood) 1e-4.

suppressPackageStartupMessages({
  library(estimatr)
  library(sandwich)
  library(clubSandwich)
  library(lmerTest)
  library(AER)
})
arguments <- commandArgs(trailingOnly = FALSE)
here <- dirname(sub("^--file=", "", grep("^--file=", arguments, value = TRUE)))
folder <- commandArgs(trailingOnly = TRUE)[1]
table_of <- function(file) read.csv(file.path(folder, file), stringsAsFactors = FALSE)

nsw <- table_of("lalonde/nsw_dw.csv")
covariates <- c("age", "education", "black", "hispanic", "married", "nodegree", "re74", "re75")
formula_of <- function(left, ...) reformulate(c(...), left)
errors_of <- function(model, name, kinds) sapply(kinds, function(kind) sqrt(vcovHC(model, type = kind)[name, name]))

experiment <- function() {
  plain <- lm(re78 ~ treat, nsw)
  nsw$u74 <- as.numeric(nsw$re74 == 0)
  nsw$u75 <- as.numeric(nsw$re75 == 0)
  ten <- c(covariates, "u74", "u75")
  welch <- difference_in_means(re78 ~ treat, nsw)
  lin <- lm_lin(re78 ~ treat, reformulate(ten), nsw)
  adjusted <- lm_robust(formula_of("re78", "treat", ten), nsw, se_type = "HC2")
  list(
    errors = as.list(errors_of(plain, "treat", c("const", "HC0", "HC1", "HC2", "HC3"))),
    difference = list(effect = welch$coefficients[[1]], se = welch$std.error[[1]], df = welch$df[[1]], p = welch$p.value[[1]]),
    ancova = list(effect = adjusted$coefficients[["treat"]], se = adjusted$std.error[["treat"]]),
    lin = list(effect = lin$coefficients[["treat"]], se = lin$std.error[["treat"]])
  )
}

# MatchIt 4.5.1 settles ties otherwise than the 4.7.2 of the handbook, so the rule is written out: the highest chance chooses first, each
# takes the nearest who is left, and of equals the lower row.
nearest <- function(data, chance) {
  treated <- which(data$treat == 1)
  treated <- treated[order(-chance[treated], treated)]
  left <- which(data$treat == 0)
  chosen <- integer(0)
  for (row in treated) {
    best <- left[which.min(abs(chance[left] - chance[row]))]
    chosen <- c(chosen, best)
    left <- setdiff(left, best)
  }
  data[c(treated, chosen), ]
}

comparison <- function() {
  data <- rbind(nsw[nsw$treat == 1, c("treat", covariates, "re78")], table_of("lalonde/cps_controls3.csv")[, c("treat", covariates, "re78")])
  logit <- glm(formula_of("treat", covariates), binomial, data, control = glm.control(epsilon = 1e-14, maxit = 100))
  sample <- nearest(data, fitted(logit))
  difference <- mean(sample$re78[sample$treat == 1]) - mean(sample$re78[sample$treat == 0])
  adjusted <- lm(formula_of("re78", "treat", covariates), sample)
  weight <- ifelse(data$treat == 1, 1, fitted(logit) / (1 - fitted(logit)))
  weighted <- lm(re78 ~ treat, data, weights = weight)
  list(
    coefficients = unname(coef(logit)),
    pairs = sum(sample$treat),
    matched = difference,
    matchedAdjusted = coef(adjusted)[["treat"]],
    weighted = coef(weighted)[["treat"]],
    weightedErrors = as.list(errors_of(weighted, "treat", c("HC0", "HC1")))
  )
}

star <- table_of("star/AER_STAR.csv.gz")

kindergarten <- function() {
  data <- star[!is.na(star$stark) & star$stark != "" & !is.na(star$readk) & !is.na(star$mathk), ]
  data$total <- data$readk + data$mathk
  data$arm <- relevel(factor(data$stark), "regular")
  data$school <- factor(data$schoolidk)
  plain <- lm(total ~ arm, data)
  reduced <- function(kind) {
    row <- coef_test(plain, vcov = kind, cluster = data$school, test = "Satterthwaite")["armsmall", ]
    list(se = row$SE, df = if (is.null(row$df)) row$df_Satt else row$df)
  }
  joint <- Wald_test(plain, constraints = constrain_zero(2:3), vcov = "CR2", cluster = data$school, test = "HTZ")
  effects <- lm_robust(total ~ arm, data, fixed_effects = ~school, clusters = school, se_type = "CR2")
  two <- droplevels(data[data$arm %in% c("small", "regular"), ])
  two$small <- as.numeric(two$arm == "small")
  both <- two$school %in% two$school[two$small == 0]
  blocked <- suppressMessages(difference_in_means(total ~ small, two[both, ], blocks = school))
  mixed <- lmer(total ~ arm + (1 | school), data, REML = TRUE)
  row <- summary(mixed)$coefficients["armsmall", ]
  components <- as.data.frame(VarCorr(mixed))$vcov
  list(
    rows = nrow(data),
    effect = coef(plain)[["armsmall"]],
    errors = sapply(c("CR0", "CR1", "CR1p", "CR1S", "CR2", "CR3"), reduced, simplify = FALSE),
    joint = list(f = joint$Fstat, denominator = joint$df_denom),
    schoolEffects = list(effect = effects$coefficients[["armsmall"]], se = effects$std.error[["armsmall"]], df = effects$df[["armsmall"]]),
    blocked = list(effect = blocked$coefficients[[1]], se = blocked$std.error[[1]]),
    mixed = list(effect = row[["Estimate"]], se = row[["Std. Error"]], df = row[["df"]], components = components, criterion = REMLcrit(mixed))
  )
}

multilevel <- function() {
  high <- table_of("education_mlm/Hsb82.csv.gz")
  model <- lmer(mAch ~ cses + meanses + sector + (1 | school), high, REML = TRUE)
  rows <- summary(model)$coefficients
  robust <- coef_test(model, vcov = "CR2", test = "Satterthwaite")
  list(
    estimates = unname(rows[, "Estimate"]),
    errors = unname(rows[, "Std. Error"]),
    df = unname(rows[, "df"]),
    robust = robust$SE,
    criterion = REMLcrit(model)
  )
}

instrument <- function() {
  data <- table_of("maimonides/final5.csv.gz")
  data$rule <- data$c_size / (floor((data$c_size - 1) / 40) + 1)
  data <- data[complete.cases(data[, c("avgverb", "classize", "rule", "tipuach", "schlcode")]), ]
  model <- ivreg(avgverb ~ classize + tipuach | rule + tipuach, data = data)
  se <- sqrt(vcovCR(model, cluster = data$schlcode, type = "CR1S")["classize", "classize"])
  list(rows = nrow(data), effect = coef(model)[["classize"]], se = se)
}


answers <- list(
  versions = c(list(R = paste(R.version$major, R.version$minor, sep = ".")), sapply(c("estimatr", "sandwich", "clubSandwich", "lme4", "lmerTest", "AER"), function(name) as.character(packageVersion(name)), simplify = FALSE)),
  experiment = experiment(),
  comparison = comparison(),
  kindergarten = kindergarten(),
  multilevel = multilevel(),
  instrument = instrument()
)
jsonlite::write_json(answers, file.path(here, "known-answers.json"), auto_unbox = TRUE, digits = I(15), pretty = TRUE)
