# Reliable change re-derived from the printed formulas, in base R; lower scores are better.
set.seed(1991)
n <- 40
pre <- pmin(27, pmax(8, round(rnorm(n, 18, 5)))); post <- pmin(27, pmax(0, round(0.55*pre + rnorm(n, 1, 4.5))))
r <- 0.84; r_post <- 0.80; mf <- 3.3; sf <- 3.8
m1 <- mean(pre); m2 <- mean(post); s1 <- sd(pre); s2 <- sd(post); r12 <- cor(pre, post)
ha <- function(se) {
  r1 <- (s1^2 - se^2)/s1^2; r2 <- (s2^2 - se^2)/s2^2
  rdd <- (s1^2*r1 + s2^2*r2 - 2*s1*s2*r12)/(s1^2 + s2^2 - 2*s1*s2*r12)
  rc <- ((post - pre)*rdd + (m2 - m1)*(1 - rdd))/(sqrt(rdd)*sqrt(2)*se)
  t1 <- sqrt(s1^2 - se^2); tf <- sqrt(sf^2 - se^2)
  cut <- (t1*mf + tf*m1)/(t1 + tf)
  cs <- ((post - m2)*r2 + m2 - cut)/(sqrt(r2)*se)
  start <- r1*(pre - m1) + m1 - cut
  list(rdd=rdd, rc=rc, cut=cut, cs=cs, start=start)
}
class <- function(better, worse, was_c, was_f, is_c, is_f)
  ifelse(better & was_c & is_f, "recovered", ifelse(better, "improved", ifelse(worse & was_f & is_c, "harmed", ifelse(worse, "deteriorated", "unchanged"))))
se <- s1*sqrt(1 - r); sdiff <- sqrt(2*se^2)
JT <- (post - pre)/sdiff
EN <- (post - (r*(pre - m1) + m1))/se
GLN <- ((post - m1) - r*(pre - m1))/(s1*sqrt(1 - r^2))
HLL <- ((post - m2) - r*(pre - m1))/(s1*sqrt(1 - r^2))
NK <- (post - (r*(pre - m1) + m1))/sqrt(r^2*s1^2*(1 - r) + s1^2*(1 - r_post))
HA <- ha(se); GIVEN <- ha(5.0*sqrt(1 - r))
a <- m1 - 2*s1; b <- mf + 2*sf; cc <- (s1*mf + sf*m1)/(s1 + sf)
z <- qnorm(.975); z1 <- qnorm(.95)
judged <- function(x) class(x < -z, x > z, pre > cc, pre < cc, post > cc, post < cc)
ha_class <- class(HA$rc < -z1, HA$rc > z1, HA$start > 0, HA$start < 0, HA$cs > z1, HA$cs < -z1)
d <- pre - post; dz <- mean(d)/sd(d); dpre <- mean(d)/s1; dav <- mean(d)/sqrt((s1^2 + s2^2)/2); drm <- dz*sqrt(2*(1 - r12))
J <- 1 - 3/(4*(n - 1) - 1); err <- function(x, k) sqrt(k/n + x^2/(2*(n - 1)))
w <- function(name, x) cat(sprintf("# %s %.12f\n", name, x))
cat(sprintf("# R %s.%s, base only; formulas of Jacobson & Truax 1991, Hsu 1989, Speer 1992, Hageman & Arrindell 1999\n", R.version$major, R.version$minor))
cat("# command: Rscript tests/rapport/scoring/expected/change.R > tests/rapport/scoring/expected/change.csv\n")
w("a", a); w("b", b); w("c", cc); w("true_c", HA$cut); w("r_dd", HA$rdd); w("true_c_given", GIVEN$cut); w("r_dd_given", GIVEN$rdd)
w("d_z", dz); w("d_pre", dpre); w("d_av", dav); w("d_rm", drm); w("J", J)
w("se_d_z", err(dz, 1)); w("se_d_pre", err(dpre, 2*(1 - r12))); w("se_d_av", err(dav, 2*(1 - r12))); w("se_d_rm", err(drm, 2*(1 - r12)))
w("group_improved", pnorm(mean(d)/(sd(d)*sqrt(HA$rdd)))); w("group_functional", pnorm(-(m2 - HA$cut)/sqrt(s2^2 - se^2)))
cat("pre,post,JT,EN,GLN,HLL,NK,HA,CS,HA_given,CS_given,category_JT,category_EN,category_GLN,category_HLL,category_NK,category_HA\n")
k <- data.frame(judged(JT), judged(EN), judged(GLN), judged(HLL), judged(NK), ha_class)
for (i in 1:n) cat(sprintf("%d,%d,%.12f,%.12f,%.12f,%.12f,%.12f,%.12f,%.12f,%.12f,%.12f,%s\n", pre[i], post[i], JT[i], EN[i], GLN[i], HLL[i], NK[i], HA$rc[i], HA$cs[i], GIVEN$rc[i], GIVEN$cs[i], paste(unlist(lapply(k, function(x) as.character(x[i]))), collapse=",")))
