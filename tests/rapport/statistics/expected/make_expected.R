# Produces the numbers that the statistics are held against. From this folder:
#   Rscript make_expected.R
# with the Debian packages r-base-core, r-cran-lme4, r-cran-psych. The tests need no R.
suppressMessages({library(lme4); library(psych)})
options(digits = 17)
set.seed(20260228)
header <- sprintf("# Rscript make_expected.R; %s, lme4 %s, psych %s", R.version.string,
                  packageVersion("lme4"), packageVersion("psych"))
write_table <- function(table, file) {
  writeLines(header, file)
  suppressWarnings(write.table(format(table, digits = 17, trim = TRUE), file, sep = ",",
                               row.names = FALSE, quote = FALSE, append = TRUE))
}
expected <- data.frame(name = character(), value = numeric())
expect <- function(name, value) expected[nrow(expected) + seq_along(value), ] <<-
  data.frame(name = rep_len(name, length(value)), value = as.numeric(value))
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5))

# Therapists: unbalanced, one with a single patient, a covariate.
sizes <- c(1, 2, 3, 5, 8, 9, 12, 15, 20, 6, 4, 11)
therapist <- rep(sprintf("t%02d", seq_along(sizes)), sizes)
severity <- rnorm(sum(sizes), 15, 4)
outcome <- 3 + 0.4 * severity + rep(rnorm(length(sizes), 0, 1.5), sizes) + rnorm(sum(sizes), 0, 3)
patients <- data.frame(therapist_id = therapist, severity = severity, outcome = outcome)
write_table(patients, "patients.csv")
for (adjusted in c(FALSE, TRUE)) {
  label <- if (adjusted) "adjusted" else "plain"
  patients$x <- patients$severity - mean(patients$severity)
  fit <- if (adjusted) lmer(outcome ~ x + (1 | therapist_id), patients, control = tight)
         else lmer(outcome ~ 1 + (1 | therapist_id), patients, control = tight)
  expect(paste0(label, ".between"), as.data.frame(VarCorr(fit))$vcov[1])
  expect(paste0(label, ".within"), sigma(fit)^2)
  expect(paste0(label, ".criterion"), REMLcrit(fit))
  expect(paste0(label, ".coefficient"), fixef(fit))
  expect(paste0(label, ".error"), sqrt(diag(as.matrix(vcov(fit)))))
  modes <- ranef(fit, condVar = TRUE)$therapist_id
  expect(paste0(label, ".effect"), modes[[1]])
  expect(paste0(label, ".posterior_sd"), sqrt(attr(modes, "postVar")[1, 1, ]))
}

# Items: one factor, seven answers, some missing left out by hand.
factor_score <- rnorm(80)
items <- sapply(c(0.9, 0.8, 0.7, 0.6, 0.5, 0.4), function(l)
  pmin(7, pmax(1, round(4 + 1.5 * (l * factor_score + sqrt(1 - l^2) * rnorm(80))))))
write_table(as.data.frame(items), "items.csv")
expect("alpha", suppressWarnings(psych::alpha(items, check.keys = FALSE))$total$raw_alpha)
one <- factanal(items, 1, control = list(opt = list(factr = 10, pgtol = 1e-12)))
spread <- apply(items, 2, sd)
loading <- one$loadings[, 1]
expect("loading", loading)
common <- sum(loading * spread)^2
expect("omega", common / (common + sum(one$uniquenesses * spread^2)))

# Shrout & Fleiss (1979), Table 2: six targets, four judges.
targets <- matrix(c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7),
                  6, 4, byrow = TRUE)
agreement <- suppressMessages(psych::ICC(targets, lmer = FALSE))$results
expect("icc1", unlist(agreement[1, c("ICC", "lower bound", "upper bound")]))

# Funnel limits after Spiegelhalter (2005).
for (size in c(1, 4, 10, 37, 250, 5000)) for (p in c(0.001, 0.025, 0.975, 0.999)) {
  r <- qbinom(p, size, 0.23)
  a <- (pbinom(r, size, 0.23) - p) / dbinom(r, size, 0.23)
  expect(sprintf("funnel.%d.%s", size, p), (r - a) / size)
}

# Dyads and sessions: truth and bias, and within and between.
dyads <- expand.grid(session = 1:6, dyad = sprintf("d%02d", 1:9))
usual <- rnorm(9, 3.8, 0.4)[as.integer(factor(dyads$dyad))]
dyads$patient <- usual + rnorm(nrow(dyads), 0, 0.3)
dyads$therapist <- 1.2 + 0.6 * dyads$patient +
  rnorm(9, 0, 0.3)[as.integer(factor(dyads$dyad))] + rnorm(nrow(dyads), 0, 0.25)
dyads$outcome <- 18 - 1.5 * dyads$patient - 0.5 * dyads$session +
  rnorm(9, 0, 2)[as.integer(factor(dyads$dyad))] + rnorm(nrow(dyads))
write_table(dyads, "dyads.csv")
dyads$truth <- ave(dyads$patient, dyads$dyad)
dyads$force <- dyads$patient - dyads$truth
dyads$judgement <- dyads$therapist - dyads$truth
fit <- lmer(judgement ~ force + (1 | dyad), dyads, control = tight)
expect("truth.coefficient", fixef(fit))
expect("truth.error", sqrt(diag(as.matrix(vcov(fit)))))
expect("truth.between", as.data.frame(VarCorr(fit))$vcov[1])
for (d in sort(unique(as.character(dyads$dyad))))
  expect("dyad.correlation", with(dyads[dyads$dyad == d, ], cor(patient, therapist)))
lagged <- merge(dyads[c("dyad", "session", "patient")],
                transform(dyads[c("dyad", "session", "outcome")], session = session - 1))
lagged$own <- ave(lagged$patient, lagged$dyad)
lagged$within <- lagged$patient - lagged$own
lagged$between <- lagged$own - mean(tapply(lagged$patient, lagged$dyad, mean))
lagged$time <- lagged$session - mean(lagged$session)
fit <- lmer(outcome ~ within + between + time + (1 | dyad), lagged, control = tight)
expect("lagged.coefficient", fixef(fit))
expect("lagged.error", sqrt(diag(as.matrix(vcov(fit)))))
test <- cor.test(dyads$patient, dyads$outcome)
expect("correlation", c(test$estimate, test$conf.int))

write_table(expected, "expected.csv")
