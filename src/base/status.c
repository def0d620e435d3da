/* Status texts and error sentences. */
#include <drydial/base.h>

#include <stdarg.h>
#include <stdio.h>

const char *dd_status_text(enum dd_status status)
{
	switch (status) {
	case DD_OK: return "fine";
	case DD_ERR_READ: return "cannot be read or written";
	case DD_ERR_FORMAT: return "is not in the expected form";
	case DD_ERR_LIMIT: return "is past a limit";
	case DD_ERR_DEVICE: return "no sound device";
	case DD_ERR_VOICE: return "the voice failed";
	case DD_ERR_REFUSED: return "is not allowed here";
	case DD_ERR_MEMORY: return "there is not enough memory";
	}
	return "unknown status";
}

const char *dd_version(void)
{
	return DRYDIAL_VERSION;
}

enum dd_status dd_fail(struct dd_error *err, enum dd_status status, const char *format, ...)
{
	if (err) {
		va_list args;
		va_start(args, format);
		(void)vsnprintf(err->text, sizeof err->text, format, args);
		va_end(args);
	}
	return status;
}
