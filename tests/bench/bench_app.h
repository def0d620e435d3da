/* Applications that answer in XML: crawls and scripted calls, beside the requests alone. */
#ifndef BENCH_APP_H
#define BENCH_APP_H

void bench_app(const char *program);

#endif
