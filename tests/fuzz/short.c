/* short.c: a fuzz target without a fuzzer: its corpus, then bent copies of it for some seconds. For make check, which needs
 * no clang; make fuzz is the real thing. Prints TAP. Usage: target SECONDS FILE… */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "checked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIZE_MAX_INPUT = 8192 };

static uint64_t seed;

static uint32_t next(uint32_t below)
{
	seed = seed * 6364136223846793005U + 1442695040888963407U; /* Knuth, MMIX */
	return (uint32_t)(seed >> 33) % below;
}

static size_t read_file(const char *path, uint8_t *data)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, data, SIZE_MAX_INPUT);
	if (fd >= 0)
		close(fd);
	return n < 0 ? 0 : (size_t)n;
}

/* A copy of its own size, so that an overrun is one. */
static void once(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + !size);
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static size_t bend(uint8_t *data, size_t size)
{
	for (uint32_t times = 1 + next(6); times && size; times--) {
		size_t at = next((uint32_t)size);
		switch (next(4)) {
		case 0:
			data[at] = (uint8_t)next(256);
			break;
		case 1:
			data[at] ^= (uint8_t)(1 << next(8));
			break;
		case 2:
			size = at + 1;
			break;
		default:
			if (size * 2 < SIZE_MAX_INPUT) {
				memmove(data + at + (size - at), data + at, size - at);
				size += size - at;
			}
		}
	}
	return size;
}

int main(int argc, char **argv)
{
	static uint8_t data[SIZE_MAX_INPUT];
	uint64_t begin_seed;
	int64_t seconds;
	if (argc < 3 || !parse_int(argv[1], 0, 3600, &seconds) || getrandom(&begin_seed, sizeof begin_seed, 0) != sizeof begin_seed)
		return 64;
	seed = begin_seed;
	fprintf(stderr, "seed %llu\n", (unsigned long long)begin_seed);
	for (int i = 2; i < argc; i++)
		once(data, read_file(argv[i], data));
	time_t end = time(NULL) + seconds;
	size_t runs = 0;
	for (; time(NULL) < end; runs++)
		once(data, bend(data, read_file(argv[2 + next((uint32_t)argc - 2)], data)));
	printf("ok 1 - %s: %d of the corpus, then bent ones\n1..1\n", argv[0], argc - 2);
	fprintf(stderr, "%zu runs\n", runs);
	return 0;
}
