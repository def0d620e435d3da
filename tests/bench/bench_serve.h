/* How fast drydial serve answers, beside a server that does nothing. */
#ifndef BENCH_SERVE_H
#define BENCH_SERVE_H

void bench_serve(const char *program);

#endif
