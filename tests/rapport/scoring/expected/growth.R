set.seed(20260224)
n <- 24; waves <- 5
id <- rep(sprintf("p%02d", 1:n), each = waves); t <- rep(0:(waves-1), n)
u0 <- rnorm(n, 0, 4); u1 <- rnorm(n, 0, 1.2) - 0.1*u0
y <- round(18 + u0[rep(1:n, each=waves)] + (-1.6 + u1[rep(1:n, each=waves)])*t + rnorm(n*waves, 0, 2.2))
d <- data.frame(person=id, time=t, score=y)
d <- d[-c(4, 5, 23, 40, 61, 62, 88), ]
m <- lme4::lmer(score ~ time + (time | person), d, REML=TRUE, control=lme4::lmerControl(optimizer="bobyqa", optCtrl=list(rhoend=1e-10)))
re <- as.data.frame(lme4::ranef(m, condVar=TRUE)); re <- re[re$term=="time",]
cat(sprintf("# R %s.%s, lme4 %s: lmer(score ~ time + (time | person), REML), ranef(condVar = TRUE), term time\n", R.version$major, R.version$minor, packageVersion("lme4")))
cat("# command: Rscript tests/rapport/scoring/expected/growth.R > tests/rapport/scoring/expected/growth.csv\n")
cat(sprintf("# mean_slope %.10f residual_sd %.10f slope_sd %.10f\n", lme4::fixef(m)[2], sigma(m), attr(lme4::VarCorr(m)$person,"stddev")[2]))
s <- setNames(re$condval, re$grp); e <- setNames(re$condsd, re$grp)
cat("person,time,score,deviation,deviation_sd\n")
for (i in seq_len(nrow(d))) cat(sprintf("%s,%d,%d,%.10f,%.10f\n", d$person[i], d$time[i], d$score[i], s[d$person[i]], e[d$person[i]]))
