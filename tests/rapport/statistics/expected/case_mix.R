# Produces the numbers that declared covariates in adjusted outcomes are held against.
# From this folder:
#   Rscript case_mix.R
# with the Debian packages r-base-core and r-cran-lme4. The tests need no R.
suppressMessages(library(lme4))
options(digits = 17)
set.seed(20261124)
header <- sprintf("# Rscript case_mix.R; %s, lme4 %s", R.version.string, packageVersion("lme4"))
write_table <- function(table, file) {
  writeLines(header, file)
  suppressWarnings(write.table(format(table, digits = 17, trim = TRUE), file, sep = ",",
                               row.names = FALSE, quote = FALSE, append = TRUE))
}

# 400 finished episodes of 40 therapists in 8 clinics; who is older or out of work, and where, is no
# accident. An age is missing for some (empty), an employment for others; one category is rare.
n <- 400
therapist <- sample(rep(1:40, length.out = n))
clinic <- (therapist - 1) %/% 5 + 1
pre <- round(pmin(27, pmax(4, rnorm(n, 15, 4))))
age <- round(pmin(90, pmax(18, rnorm(n, 35 + 2 * clinic, 12))))
work <- sample(c("employed", "student", "not employed", "retired"), n, TRUE, c(.55, .25, .18, .02))
gain <- 0.4 * pre - 0.06 * (age - 40) - 1.5 * (work == "not employed") + 0.8 * (work == "student") +
  rnorm(40, 0, 1)[therapist] + rnorm(8, 0, 1)[clinic] + rnorm(n, 0, 3)
gain <- round(gain, 3)
age[sample(n, 30)] <- NA
work[sample(n, 25)] <- NA
patients <- data.frame(clinic = sprintf("c%d", clinic), therapist = sprintf("t%02d", therapist),
                       pre, age = ifelse(is.na(age), "", age), work = ifelse(is.na(work), "", work),
                       gain)
write_table(patients, "case_mix.csv")

# The same by hand: gaps of a number at the clinic's mean, with a column for them; gaps of a category
# as one; the rare category (fewer than ten) with the largest.
mean_of_clinic <- ave(age, clinic, FUN = function(x) mean(x, na.rm = TRUE))
aged <- ifelse(is.na(age), mean_of_clinic, age)
no_age <- as.numeric(is.na(age))
rare <- names(which(table(work) < 10))
worked <- ifelse(is.na(work), "not stated", ifelse(work %in% rare, "employed", work))
worked <- relevel(factor(worked), ref = "employed")
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5))
centred <- model.matrix(~ pre + aged + no_age + worked)[, -1]
centred <- sweep(centred, 2, colMeans(centred))
expected <- data.frame(name = character(), value = numeric())
expect <- function(name, value) expected[nrow(expected) + seq_along(value), ] <<-
  data.frame(name = rep_len(name, length(value)), value = as.numeric(value))
for (level in c("clinic", "therapist")) {
  group <- factor(patients[[level]])
  fit <- lmer(gain ~ centred + (1 | group), control = tight)
  expect(paste0(level, ".coefficient"), fixef(fit))
  expect(paste0(level, ".estimate"), fixef(fit)[1] + ranef(fit)$group[, 1])
}
nested <- lmer(gain ~ centred + (1 | clinic / therapist), control = tight)
v <- as.data.frame(VarCorr(nested))
share <- v$vcov / sum(v$vcov)
expect("share.therapists", share[v$grp == "therapist:clinic"])
expect("share.clinics", share[v$grp == "clinic"])
write_table(expected, "case_mix_expected.csv")
