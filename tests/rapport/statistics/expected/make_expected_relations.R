# Produces the numbers that the statistics of relationships, levels and sectors are held against.
# From this folder:
#   Rscript make_expected_relations.R
# with the Debian packages r-base-core, r-cran-lme4, r-cran-nlme, r-cran-psych, r-cran-sandwich and
# r-cran-car. The tests need no R.
suppressMessages({library(lme4); library(nlme); library(psych); library(sandwich); library(car)})
options(digits = 17)
set.seed(20260301)
header <- sprintf(
  "# Rscript make_expected_relations.R; %s, lme4 %s, nlme %s, psych %s, sandwich %s, car %s",
  R.version.string, packageVersion("lme4"), packageVersion("nlme"), packageVersion("psych"),
  packageVersion("sandwich"), packageVersion("car"))
write_table <- function(table, file) {
  writeLines(header, file)
  suppressWarnings(write.table(format(table, digits = 17, trim = TRUE), file, sep = ",",
                               row.names = FALSE, quote = FALSE, append = TRUE))
}
expected <- data.frame(name = character(), value = numeric())
expect <- function(name, value) expected[nrow(expected) + seq_along(value), ] <<-
  data.frame(name = rep_len(name, length(value)), value = as.numeric(value))
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5))
errors <- function(v) sqrt(diag(as.matrix(v)))

# Courses: 60 dyads of one to nine sessions, some sessions missing.
D <- 60
courses <- do.call(rbind, lapply(seq_len(D), function(d) {
  s <- seq_len(sample(1:9, 1, prob = c(1, 1, 2, 3, 4, 4, 4, 3, 2)))
  data.frame(dyad = sprintf("d%02d", d), session = s)
}))
of <- as.integer(factor(courses$dyad))
n <- nrow(courses)
courses$patient <- rnorm(D, 3.8, 0.4)[of] + rnorm(n, 0, 0.4)
courses$therapist <- rnorm(D, 3.5, 0.4)[of] + 0.3 * (courses$patient - 3.8) + rnorm(n, 0, 0.35)
before <- function(x) c(mean(x), x[-n])
shared <- rnorm(D)[of]
noise <- rnorm(n)
courses$patient_outcome <- 2 + 0.5 * before(courses$patient) + 0.2 * before(courses$therapist) -
  0.05 * courses$session + 0.4 * shared + rnorm(D, 0, 0.3)[of] + 0.5 * noise + rnorm(n, 0, 0.4)
courses$therapist_outcome <- 1 + 0.1 * before(courses$patient) + 0.6 * before(courses$therapist) +
  0.3 * shared + rnorm(D, 0, 0.4)[of] - 0.3 * noise + rnorm(n, 0, 0.5)
courses$severity <- rnorm(D, 15, 4)[of]
video <- runif(D)[of]
courses$mode <- ifelse(runif(n) < video * 0.8, "video",
                       ifelse(runif(n) < 0.25, "telephone", "in_person"))
courses$real_relationship <- 1 + 0.7 * courses$patient + rnorm(D, 0, 0.2)[of] + rnorm(n, 0, 0.3)
courses$score <- as.integer(runif(n) < 0.2)
courses$patient_item <- as.integer(runif(n) < 0.15 + 0.4 * courses$score)
courses$therapist_item <- as.integer(runif(n) < 0.25 + 0.3 * courses$score)
courses <- courses[-sample(n, 15), ]
write_table(courses, "courses.csv")

later <- transform(courses[c("dyad", "session", "patient_outcome", "therapist_outcome")],
                   session = session - 1)
names(later)[3:4] <- c("P", "T")
pairs <- merge(courses, later, by = c("dyad", "session"))
split_up <- function(pairs) {
  for (r in c("patient", "therapist")) {
    own <- ave(pairs[[r]], pairs$dyad)
    pairs[[paste0(r, "_w")]] <- pairs[[r]] - own
    pairs[[paste0(r, "_b")]] <- own - mean(tapply(pairs[[r]], pairs$dyad, mean))
  }
  pairs$time <- pairs$session - mean(pairs$session)
  pairs
}
pairs <- split_up(pairs)
long <- rbind(transform(pairs, member = "patient", y = P),
              transform(pairs, member = "therapist", y = T))
long$occasion <- interaction(long$dyad, long$session, drop = TRUE)
long <- long[order(long$dyad, long$session, long$member), ]
fit <- lme(y ~ 0 + member + member:(patient_b + therapist_b + patient_w + therapist_w + time),
           random = ~ 0 + member | dyad, data = long,
           correlation = corCompSymm(form = ~ 1 | dyad/session),
           weights = varIdent(form = ~ 1 | member), method = "REML",
           control = lmeControl(tolerance = 1e-10, msTol = 1e-12, msMaxIter = 500, maxIter = 500,
                                opt = "optim", reltol = 1e-14, niterEM = 100))
for (member in c("patient", "therapist")) {
  chosen <- grep(paste0("^member", member), names(fixef(fit)))
  expect(paste0("apim.", member, ".coefficient"), fixef(fit)[chosen])
  expect(paste0("apim.", member, ".error"), errors(vcov(fit))[chosen])
}
expect("apim.criterion", -2 * logLik(fit))
expect("apim.error_correlation", coef(fit$modelStruct$corStruct, unconstrained = FALSE))
random <- getVarCov(fit)
expect("apim.dyad_correlation", random[1, 2] / sqrt(random[1, 1] * random[2, 2]))

with_prior <- transform(pairs, prior = patient_outcome - mean(patient_outcome))
fit <- lmer(P ~ patient_b + therapist_b + patient_w + therapist_w + time + prior + (1 | dyad),
            with_prior, control = tight)
expect("next.coefficient", fixef(fit))
expect("next.error", errors(vcov(fit)))
fit <- lmer(P ~ patient_w + patient_b + time + prior + (1 | dyad), with_prior, control = tight)
expect("prior.coefficient", fixef(fit))
expect("prior.error", errors(vcov(fit)))
fit <- lmer(P ~ patient_w + patient_b + time + (1 | dyad), pairs, control = tight)
expect("noprior.coefficient", fixef(fit))
expect("noprior.error", errors(vcov(fit)))

# Response surface: least squares, errors clustered by dyad, sums by the delta method.
rows <- transform(courses, c = patient - 3, t = therapist - 3)
fit <- lm(patient_outcome ~ c + t + I(c^2) + I(c * t) + I(t^2), rows)
covariance <- vcovCL(fit, cluster = rows$dyad, type = "HC2")
expect("surface.coefficient", coef(fit))
expect("surface.error", errors(covariance))
for (combination in c("b1 + b2", "b3 + b4 + b5", "b1 - b2", "b3 - b4 + b5")) {
  found <- deltaMethod(fit, combination, vcov. = covariance, parameterNames = paste0("b", 0:5))
  expect("surface.sum", c(found$Estimate, found$SE))
}

# Session mode: Mundlak's regression, errors clustered by patient.
rows <- courses
for (m in c("video", "telephone")) {
  rows[[paste0(m, "_b")]] <- ave(as.numeric(rows$mode == m), rows$dyad)
  rows[[paste0(m, "_w")]] <- (rows$mode == m) - rows[[paste0(m, "_b")]]
}
rows$usual <- ave(rows$session, rows$dyad)
rows$moved <- rows$session - rows$usual
for (measure in c("patient", "score")) {
  fit <- lm(as.formula(paste(measure, "~ video_w + telephone_w + video_b + telephone_b + moved +
                             usual + severity")), rows)
  covariance <- vcovCL(fit, cluster = rows$dyad, type = "HC2")
  expect(paste0("mode.", measure, ".coefficient"), coef(fit)[2:5])
  expect(paste0("mode.", measure, ".error"), errors(covariance)[2:5])
}
for (m in c("in_person", "video", "telephone")) {
  chosen <- courses[courses$mode == m, ]
  fit <- lm(patient ~ 1, chosen)
  covariance <- vcovCL(fit, cluster = chosen$dyad, type = "HC2")
  expect("mode.mean", coef(fit))
  expect("mode.mean_error", errors(covariance))
}

# Real relationship: repeated-measures correlation by analysis of covariance; and between patients.
table <- anova(lm(real_relationship ~ factor(dyad) + patient, courses))
slope <- coef(lm(real_relationship ~ factor(dyad) + patient, courses))["patient"]
r <- sign(slope) * sqrt(table["patient", "Sum Sq"] / sum(table[c("patient", "Residuals"), "Sum Sq"]))
expect("real.within", c(r, r.con(r, table["Residuals", "Df"] + 2)))
means <- aggregate(cbind(real_relationship, patient) ~ dyad, courses, mean)
test <- cor.test(means$real_relationship, means$patient)
expect("real.between", c(test$estimate, test$conf.int))

# Ruptures: Cohen's kappa.
judged <- list(c("score", "patient_item"), c("score", "therapist_item"),
               c("patient_item", "therapist_item"))
for (pair in judged) {
  found <- cohen.kappa(table(courses[[pair[1]]], courses[[pair[2]]]))
  expect("kappa", c(found$kappa, sqrt(found$var.kappa), found$confid[1, c(1, 3)]))
}

# Three levels: patients in therapists in clinics, with an unbalanced design and a covariate.
clinics <- 12
per_clinic <- c(1, 2, 3, 4, 5, 6, 3, 4, 5, 2, 6, 4)
therapist <- unlist(lapply(seq_len(clinics), function(k)
  sprintf("c%02d.t%d", k, seq_len(per_clinic[k]))))
sizes <- sample(1:25, length(therapist), TRUE)
nested <- data.frame(therapist = rep(therapist, sizes))
nested$clinic <- substr(nested$therapist, 1, 3)
nested$x <- rnorm(nrow(nested), 10, 3)
nested$y <- 4 + 0.3 * nested$x + rnorm(clinics, 0, 1)[as.integer(factor(nested$clinic))] +
  rnorm(length(therapist), 0, 1.2)[as.integer(factor(nested$therapist))] +
  rnorm(nrow(nested), 0, 2.5)
write_table(nested, "nested.csv")
fit <- lmer(y ~ I(x - mean(x)) + (1 | clinic/therapist), nested, control = tight)
components <- as.data.frame(VarCorr(fit))
expect("nested.therapist", components$vcov[components$grp == "therapist:clinic"])
expect("nested.clinic", components$vcov[components$grp == "clinic"])
expect("nested.within", sigma(fit)^2)
expect("nested.criterion", REMLcrit(fit))
expect("nested.coefficient", fixef(fit))
expect("nested.error", errors(vcov(fit)))
modes <- ranef(fit, condVar = TRUE)
for (level in c("clinic", "therapist:clinic")) {
  expect(paste0("nested.effect.", level), modes[[level]][[1]])
  expect(paste0("nested.sd.", level), sqrt(attr(modes[[level]], "postVar")[1, 1, ]))
}

# Sectors: standardised by strata (formula) and by models fitted in each sector.
N <- 900
patients <- data.frame(therapist_id = sprintf("t%02d", sample(30, N, TRUE)))
patients$sector <- ifelse(patients$therapist_id <= "t14", "private", "public")
patients$severity <- round(rnorm(N, ifelse(patients$sector == "public", 16, 14), 4), 2)
patients$employed <- ifelse(runif(N) < 0.6, "yes", "no")
effect <- rnorm(30, 0, 0.5)[as.integer(factor(patients$therapist_id))]
patients$outcome <- 2 + 0.3 * patients$severity + (patients$employed == "yes") + effect + rnorm(N, 0, 3)
patients$recovered <- as.integer(runif(N) < plogis(1.2 - 0.1 * patients$severity + 0.4 * effect))
write_table(patients, "sectors.csv")
cuts <- unique(quantile(patients$severity, 1:4 / 5, type = 7))
band <- findInterval(patients$severity, cuts, left.open = TRUE)
stratum <- interaction(band, patients$employed)
weight <- prop.table(table(stratum))
for (sector in c("private", "public")) {
  own <- patients[patients$sector == sector, ]
  s <- droplevels(stratum[patients$sector == sector])
  size <- as.numeric(table(s)[as.character(s)])
  w <- as.numeric(weight[as.character(s)])
  m <- ave(own$outcome, s)
  pull <- w / size * (own$outcome - m) * sqrt(size / (size - 1))
  G <- length(unique(own$therapist_id))
  expect(paste0("strata.", sector),
         c(sum(tapply(w * own$outcome / size, s, sum)),
           sqrt(G / (G - 1) * sum(tapply(pull, own$therapist_id, sum)^2))))
}
for (kind in c("mean", "share")) for (sector in c("private", "public")) {
  own <- patients[patients$sector == sector, ]
  x <- model.matrix(~ severity + employed, patients)
  if (kind == "mean") {
    fit <- lm(outcome ~ severity + employed, own)
    value <- x %*% coef(fit)
    slope <- colMeans(x)
    covariance <- vcovCL(fit, cluster = own$therapist_id, type = "HC1")
  } else {
    fit <- glm(recovered ~ severity + employed, binomial, own,
               control = glm.control(epsilon = 1e-14, maxit = 100))
    value <- plogis(x %*% coef(fit))
    slope <- colMeans(as.numeric(value * (1 - value)) * x)
    covariance <- vcovCL(fit, cluster = own$therapist_id, type = "HC1")
  }
  expect(paste0("model.", kind, ".", sector),
         c(mean(value), sqrt(as.numeric(t(slope) %*% covariance %*% slope))))
}
write_table(expected, "expected_relations.csv")
