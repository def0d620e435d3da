/* A few threads that do what takes long beside the loop: speaking, resampling, checking a flow.
   They take jobs in their order and hand them back; everything else stays with the loop. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "serve/serving.h"

enum { END_S = 2 };

struct workers {
	pthread_mutex_t lock; /* for all below but the threads */
	pthread_cond_t more;
	struct job *first, **last; /* to be done */
	struct job *over;          /* done */
	bool ending;
	int told; /* an eventfd: readable when one is done */
	pthread_t threads[WORKERS];
	unsigned n;
	struct worker {
		struct workers *workers;
		unsigned index;
	} each[WORKERS];
};

static void *work(void *self)
{
	const struct worker *me = self;
	struct workers *w = me->workers;
	const uint64_t one = 1;
	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (!w->first && !w->ending)
			pthread_cond_wait(&w->more, &w->lock);
		if (w->ending)
			break;
		struct job *job = w->first;
		w->first = job->next;
		if (!w->first)
			w->last = &w->first;
		pthread_mutex_unlock(&w->lock);
		job->run(job, me->index);
		pthread_mutex_lock(&w->lock);
		job->next = w->over;
		w->over = job;
		if (write(w->told, &one, sizeof one) < 0)
			continue; /* it is readable already */
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

struct workers *workers_new(void)
{
	struct workers *w = dd_alloc(sizeof *w);
	sigset_t all, before;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	w->last = &w->first;
	w->told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the loop's */
	for (unsigned i = 0; i < WORKERS; i++) {
		w->each[w->n] = (struct worker){w, w->n};
		w->n += pthread_create(&w->threads[w->n], NULL, work, &w->each[w->n]) == 0;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return w;
}

void workers_do(struct workers *w, struct job *job)
{
	if (!w || !w->n) { /* no thread could be had, or none is wanted */
		job->run(job, 0);
		job->done(job);
		return;
	}
	job->next = NULL;
	pthread_mutex_lock(&w->lock);
	*w->last = job;
	w->last = &job->next;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
}

int workers_fd(const struct workers *w)
{
	return w ? w->told : -1;
}

void workers_take(struct workers *w)
{
	uint64_t n;
	if (!w || read(w->told, &n, sizeof n) < 0)
		return; /* none is done */
	pthread_mutex_lock(&w->lock);
	struct job *over = w->over;
	w->over = NULL;
	pthread_mutex_unlock(&w->lock);
	for (struct job *next; over; over = next) {
		next = over->next;
		over->done(over);
	}
}

/* One that is in the middle of something long is not waited for: the program ends soon, and all
   that the thread may still touch is left where it is. */
bool workers_end(struct workers *w)
{
	struct timespec until;
	bool all = true;
	if (!w)
		return true;
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	struct job *left = w->first;
	w->first = NULL;
	pthread_cond_broadcast(&w->more);
	pthread_mutex_unlock(&w->lock);
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += END_S;
	for (unsigned i = 0; i < w->n; i++)
		all &= pthread_timedjoin_np(w->threads[i], NULL, &until) == 0;
	workers_take(w);
	for (struct job *next; left; left = next) {
		next = left->next;
		left->done(left);
	}
	if (!all)
		return false;
	(void)close(w->told);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->more);
	free(w);
	return true;
}
