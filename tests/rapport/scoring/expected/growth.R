# "alike" as argument: people who start alike, with more error, so that little can be told apart.
alike <- identical(commandArgs(TRUE), "alike")
set.seed(if (alike) 7 else 20260224)
n <- 24; waves <- 5
id <- rep(sprintf("p%02d", 1:n), each = waves); t <- rep(0:(waves-1), n)
u0 <- rnorm(n, 0, if (alike) 1.2 else 4); u1 <- rnorm(n, 0, 1.2) - 0.1*u0
y <- round(18 + u0[rep(1:n, each=waves)] + (-1.6 + u1[rep(1:n, each=waves)])*t + rnorm(n*waves, 0, if (alike) 3 else 2.2))
d <- data.frame(person=id, time=t, score=y)
d <- d[-c(4, 5, 23, 40, 61, 62, 88), ]
m <- lme4::lmer(score ~ time + (time | person), d, REML=TRUE, control=lme4::lmerControl(optimizer="bobyqa", optCtrl=list(rhoend=1e-10)))
re <- as.data.frame(lme4::ranef(m, condVar=TRUE)); re <- re[re$term=="time",]
# error of each person's own slope: the whole inverse of Henderson's mixed model equations
X <- cbind(1, d$time); p <- factor(d$person); k <- nlevels(p)
Z <- matrix(0, nrow(d), 2*k)
for (i in seq_len(nrow(d))) { j <- as.integer(p)[i]; Z[i, 2*j-1] <- 1; Z[i, 2*j] <- d$time[i] }
G <- as.matrix(lme4::VarCorr(m)$person)[1:2, 1:2]
C <- rbind(cbind(crossprod(X), crossprod(X, Z)), cbind(crossprod(Z, X), crossprod(Z) + sigma(m)^2 * kronecker(diag(k), solve(G))))
V <- solve(C) * sigma(m)^2
w <- sapply(seq_len(k), function(j) { a <- c(2, 2 + 2*j); sqrt(sum(V[a, a])) }); names(w) <- levels(p)
cat(sprintf("# R %s.%s, lme4 %s: lmer(score ~ time + (time | person), REML), ranef(condVar = TRUE), term time\n", R.version$major, R.version$minor, packageVersion("lme4")))
cat(if (alike) "# command: Rscript tests/rapport/scoring/expected/growth.R alike > tests/rapport/scoring/expected/growth_alike.csv\n" else "# command: Rscript tests/rapport/scoring/expected/growth.R > tests/rapport/scoring/expected/growth.csv\n")
cat(sprintf("# mean_slope %.10f residual_sd %.10f slope_sd %.10f\n", lme4::fixef(m)[2], sigma(m), attr(lme4::VarCorr(m)$person,"stddev")[2]))
s <- setNames(re$condval, re$grp); e <- setNames(re$condsd, re$grp)
cat("person,time,score,deviation,deviation_sd,slope_error\n")
for (i in seq_len(nrow(d))) cat(sprintf("%s,%d,%d,%.10f,%.10f,%.10f\n", d$person[i], d$time[i], d$score[i], s[d$person[i]], e[d$person[i]], w[d$person[i]]))
