/*
 * hash.h
 *		Hash of bytes: sixteen at a time, folded by a multiplication. For digests,
 *		keys and seals; compared only within one database, and not for secrets.
 */
#ifndef YESTERDAY_HASH_H
#define YESTERDAY_HASH_H

#include "yesterday.h"
#include "common/hashfn.h"

#ifdef HAVE_INT128

/* Both halves of the product of two words */
static inline uint64
yd_fold(uint64 a, uint64 b)
{
	uint128		product = (uint128) a * b;

	return (uint64) product ^ (uint64) (product >> 64);
}

static inline uint64
yd_word(const unsigned char *bytes)
{
	uint64		word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

static inline uint64
yd_hash_bytes(const unsigned char *bytes, Size length, uint64 seed)
{
	const uint64 k1 = UINT64CONST(0x9fb21c651e98df25);
	const uint64 k2 = UINT64CONST(0xd1b54a32d192ed03);
	uint64		hash = yd_fold(seed ^ k1, length ^ k2);
	unsigned char rest[16] = {0};

	/* two lanes, so that one multiplication need not wait for the other */
	if (length >= 64)
	{
		uint64		other = hash ^ k2;

		for (; length >= 32; bytes += 32, length -= 32)
		{
			hash = yd_fold(yd_word(bytes) ^ k1, yd_word(bytes + 8) ^ hash);
			other = yd_fold(yd_word(bytes + 16) ^ k2, yd_word(bytes + 24) ^ other);
		}
		hash = yd_fold(hash ^ k2, other ^ k1);
	}
	for (; length >= 16; bytes += 16, length -= 16)
		hash = yd_fold(yd_word(bytes) ^ k1, yd_word(bytes + 8) ^ hash);
	memcpy(rest, bytes, length);
	hash = yd_fold(yd_word(rest) ^ k2, yd_fold(yd_word(rest + 8) ^ k1, hash));
	return yd_fold(hash ^ k1, hash ^ k2);
}

#else

static inline uint64
yd_hash_bytes(const unsigned char *bytes, Size length, uint64 seed)
{
	return hash_bytes_extended(bytes, length, seed);
}

#endif

static inline uint64
yd_hash_word(uint64 word, uint64 seed)
{
	return yd_hash_bytes((unsigned char *) &word, sizeof(word), seed);
}

#endif
