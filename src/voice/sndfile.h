/* libsndfile, opened when the first file of sound is read or written: it brings six codecs, which
   take longer to load than most calls in virtual time. */
#ifndef DD_VOICE_SNDFILE_H
#define DD_VOICE_SNDFILE_H

#include <sndfile.h>

#include "base/library.h"

/* clang-format off */
#define DD_SNDFILE_FUNCTIONS(X) \
	X(sf_open) X(sf_open_fd) X(sf_close) X(sf_strerror) X(sf_readf_float) X(sf_write_short)
/* clang-format on */

struct dd_sndfile {
	DD_SNDFILE_FUNCTIONS(DD_LIBRARY_POINTER)
};

/* The library's functions, for good; from any thread. NULL, with a sentence: it is not installed.
 */
const struct dd_sndfile *dd_sndfile(struct dd_error *err);

#endif
