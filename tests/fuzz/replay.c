/* A plain main for the fuzz targets: runs every file of the folders given. No file at all is a
 * failure. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	static uint8_t data[2 * 1024 * 1024];
	FILE *file = fopen(path, "rb");
	if (!file)
		return 0;
	size_t n = fread(data, 1, sizeof data, file);
	fclose(file);
	uint8_t *exact = malloc(n ? n : 1); /* so that a read past the end is seen */
	memcpy(exact, data, n);
	(void)LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	return 1;
}

int main(int argc, char **argv)
{
	int count = 0;
	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		for (const struct dirent *e; dir && (e = readdir(dir));) {
			char path[1024];
			(void)snprintf(path, sizeof path, "%s/%s", argv[i], e->d_name);
			if (e->d_name[0] != '.')
				count += run_file(path);
		}
		if (dir)
			closedir(dir);
	}
	printf("%d inputs\n", count);
	return count ? 0 : 1;
}
