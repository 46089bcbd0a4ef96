# Produces the numbers that statistics are held against on public data sets and by packages that
# were not used in the other two scripts. From this folder:
#   Rscript make_expected_public.R
# with the Debian packages r-base-core, r-cran-lme4, r-cran-psych, r-cran-lavaan,
# r-cran-clubsandwich and r-cran-metafor. The tests need no R.
suppressMessages({library(lme4); library(psych); library(lavaan); library(clubSandwich); library(metafor)})
options(digits = 17)
set.seed(20261124)
header <- sprintf(
  "# Rscript make_expected_public.R; %s, lme4 %s, psych %s, lavaan %s, clubSandwich %s, metafor %s",
  R.version.string, packageVersion("lme4"), packageVersion("psych"), packageVersion("lavaan"),
  packageVersion("clubSandwich"), packageVersion("metafor"))
write_table <- function(table, file, ...) {
  writeLines(c(header, ...), file)
  suppressWarnings(write.table(table, file, sep = ",", row.names = FALSE, quote = FALSE, na = "",
                               append = TRUE))
}
expected <- data.frame(name = character(), value = numeric())
expect <- function(name, value) expected[nrow(expected) + seq_along(value), ] <<-
  data.frame(name = rep_len(name, length(value)), value = as.numeric(value))
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-13, maxfun = 1e5))

# Sleep deprivation (Belenky et al. 2003), with days left out so that subjects differ in number.
sleep <- sleepstudy[-c(2, 5, 9, 13:19, 44, 71:77, 120, 150:158), ]
write_table(sleep, "sleepstudy.csv", "# lme4::sleepstudy without rows 2, 5, 9, 13-19, 44, 71-77, 120, 150-158")
fit <- lmer(Reaction ~ Days + (1 | Subject), sleep, control = tight)
expect("sleep.between", as.data.frame(VarCorr(fit))$vcov[1])
expect("sleep.within", sigma(fit)^2)
expect("sleep.criterion", REMLcrit(fit))
expect("sleep.coefficient", fixef(fit))
expect("sleep.error", sqrt(diag(as.matrix(vcov(fit)))))
modes <- ranef(fit, condVar = TRUE)$Subject
expect("sleep.effect", modes[[1]])
expect("sleep.posterior_sd", sqrt(attr(modes, "postVar")[1, 1, ]))
# 95 % profile of the restricted likelihood, on the intraclass correlation.
deviance_of <- lmer(Reaction ~ Days + (1 | Subject), sleep, devFunOnly = TRUE, control = tight)
best <- getME(fit, "theta"); top <- deviance_of(best)
drop <- function(theta) deviance_of(theta) - top - qchisq(0.95, 1)
ends <- c(best, uniroot(drop, c(0, best), tol = 1e-13)$root, uniroot(drop, c(best, 20), tol = 1e-13)$root)
expect("sleep.icc", ends^2 / (1 + ends^2))

# Casks in batches of a chemical paste (Davies & Goldsmith 1972), all rows, and some left out.
write_table(Pastes[c("strength", "batch", "cask")], "pastes.csv", "# lme4::Pastes")
for (name in c("all", "some")) {
  rows <- if (name == "all") Pastes else Pastes[-c(3, 7, 11, 12, 30, 31, 32, 55), ]
  fit <- lmer(strength ~ 1 + (1 | batch / cask), rows, control = tight)
  expect(paste0("pastes.", name, ".therapist"), as.data.frame(VarCorr(fit))$vcov[1])
  expect(paste0("pastes.", name, ".clinic"), as.data.frame(VarCorr(fit))$vcov[2])
  expect(paste0("pastes.", name, ".within"), sigma(fit)^2)
  expect(paste0("pastes.", name, ".criterion"), REMLcrit(fit))
  modes <- ranef(fit, condVar = TRUE)$batch
  expect(paste0("pastes.", name, ".effect"), modes[[1]])
  expect(paste0("pastes.", name, ".posterior_sd"), sqrt(attr(modes, "postVar")[1, 1, ]))
}

# Agreeableness items of the first 400 people of psych::bfi, the first turned round, some missing.
items <- bfi[1:400, c("A1", "A2", "A3", "A4", "A5")]
items$A1 <- 7 - items$A1
write_table(items, "bfi.csv", "# psych::bfi[1:400, A1 to A5], A1 reversed; empty = missing")
complete <- items[complete.cases(items), ]
expect("bfi.n", nrow(complete))
expect("bfi.alpha", unlist(alpha(complete)$feldt)[c(2, 1, 3)])
cfa_fit <- suppressWarnings(cfa("f =~ A1 + A2 + A3 + A4 + A5", complete, std.lv = TRUE,
                                control = list(rel.tol = 1e-12)))
est <- parameterEstimates(cfa_fit)
loading <- est$est[est$op == "=~"]
unique <- est$est[est$op == "~~" & est$lhs == est$rhs & est$lhs != "f"]
expect("bfi.omega", sum(loading)^2 / (sum(loading)^2 + sum(unique)))

# Clusters of very different sizes: errors and degrees of freedom by clubSandwich.
g <- sample(1:23, 240, replace = TRUE, prob = 1:23)
clusters <- data.frame(cluster = g, x1 = round(rnorm(240) + 0.5 * rnorm(23)[g], 3),
                       x2 = rbinom(240, 1, 0.3))
clusters$y <- round(1 + 0.4 * clusters$x1 - 0.3 * clusters$x2 + rnorm(23, 0, 0.7)[g] + rnorm(240), 3)
write_table(clusters, "clusters.csv")
ols <- lm(y ~ x1 + x2, clusters)
corrected <- coef_test(ols, vcovCR(ols, cluster = clusters$cluster, type = "CR2"))
expect("cluster.coefficient", corrected$beta)
expect("cluster.error", corrected$SE)
expect("cluster.df", corrected$df)

# Additive over-dispersion: with no winsorising it is DerSimonian and Laird's variance about the
# mean weighted by precision; twenty units in two groups of ten alike, so that winsorising at a
# tenth draws nothing in.
s <- c(seq(0.02, 0.11, 0.01), seq(0.02, 0.11, 0.01))
target <- 0.4
value <- target + rep(c(-3, 3), each = 10) * s
dl <- rma(value, sei = s, method = "DL")
expect("funnel.target", as.numeric(coef(rma(value, sei = s, method = "FE"))))
expect("funnel.additive", dl$tau2)
write_table(data.frame(value, s), "units.csv")

# Fisher-z average of correlations over sessions.
r <- c(0.1, 0.5, -0.2, 0.83, 0.3); size <- c(5, 9, 12, 4, 30)
expect("pooled", tanh(coef(rma(yi, vi, data = escalc("ZCOR", ri = r, ni = size), method = "FE"))))
write_table(format(expected, digits = 17, trim = TRUE), "expected_public.csv")
