# Produces the numbers that errors of means over few, unequal clusters are held against.
# From this folder:
#   Rscript cluster_means.R
# with the Debian packages r-base-core and r-cran-clubsandwich. The tests need no R.
suppressMessages(library(clubSandwich))
options(digits = 17)
set.seed(20261125)
header <- sprintf("# Rscript cluster_means.R; %s, clubSandwich %s", R.version.string,
                  packageVersion("clubSandwich"))
write_table <- function(table, file) {
  writeLines(header, file)
  suppressWarnings(write.table(format(table, digits = 17, trim = TRUE), file, sep = ",",
                               row.names = FALSE, quote = FALSE, append = TRUE))
}
rows <- list(); found <- list()
for (g in c(2, 3, 5, 10, 40)) {
  sizes <- sample(1:12, g, replace = TRUE)
  if (g == 5) sizes <- c(40, 1, 2, 1, 3)  # one patient holds nearly everything
  cluster <- rep(seq_len(g), sizes)
  y <- round(3.8 + rnorm(g, 0, 0.5)[cluster] + rnorm(length(cluster), 0, 0.5), 3)
  fit <- lm(y ~ 1)
  test <- coef_test(fit, vcov = "CR2", cluster = cluster, test = "Satterthwaite")
  ends <- conf_int(fit, vcov = "CR2", cluster = cluster, test = "Satterthwaite", level = 0.95)
  name <- sprintf("g%02d", g)
  rows[[name]] <- data.frame(group = name, cluster, y)
  found[[name]] <- data.frame(group = name, mean = test$beta, error = test$SE, df = test$df_Satt,
                              low = ends$CI_L, high = ends$CI_U)
}
write_table(do.call(rbind, rows), "cluster_means.csv")
write_table(do.call(rbind, found), "cluster_means_expected.csv")
