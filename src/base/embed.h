/* A file of the source tree inside the program: DD_EMBED(page_css, "src/report/tests.css") defines
   `const char page_css[]`, ended by NUL. Paths are seen from the root of the tree, where every
   compiler runs. */
#ifndef DD_BASE_EMBED_H
#define DD_BASE_EMBED_H

#include <drydial/base.h>

#define DD_EMBED(name, file) \
	__asm__(".section .rodata\n.global dd_embed_" #name "\n.hidden dd_embed_" #name \
	        "\ndd_embed_" #name ":\n.incbin \"" file "\"\n.byte 0\n.previous\n"); \
	extern const char name[] __asm__("dd_embed_" #name)

#endif
