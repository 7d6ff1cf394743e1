// OpenSSL's own heap, made fit for private keys. Any privilege.
#include "keystore/crypto/openssl_memory.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <string.h>

#include <cstdlib>

namespace sifguard {
namespace {

constexpr std::size_t kSecureHeap = 256UL * 1024;
constexpr std::size_t kSmallestBlock = 32;

void* allocate(std::size_t size, const char* /*file*/, int /*line*/) {
  return std::malloc(size);
}

void release(void* block, const char* /*file*/, int /*line*/) {
  if (block == nullptr) return;
  ::explicit_bzero(block, ::malloc_usable_size(block));
  std::free(block);
}

/// Never grows in place by way of realloc(), which would leave an unwiped copy behind.
void* reallocate(void* block, std::size_t size, const char* file, int line) {
  if (block == nullptr) return std::malloc(size);
  if (size == 0) {
    release(block, file, line);
    return nullptr;
  }
  const std::size_t old = ::malloc_usable_size(block);
  if (size <= old && size >= old / 2) return block;
  void* const moved = std::malloc(size);
  if (moved == nullptr) return nullptr;
  ::memcpy(moved, block, old < size ? old : size);
  release(block, file, line);
  return moved;
}

}  // namespace

Status wipe_openssl_memory() {
  if (CRYPTO_set_mem_functions(allocate, reallocate, release) == 1) return {};
  return fail(Code::internal, "OpenSSL was used before its memory could be protected");
}

Status protect_openssl_memory() {
  SG_CHECK(wipe_openssl_memory());
  if (CRYPTO_secure_malloc_init(kSecureHeap, kSmallestBlock) != 1) {
    return fail(Code::temporary, "cannot lock memory for private keys",
                "raise the limit of locked memory (ulimit -l)");
  }
  return {};
}

}  // namespace sifguard
