// What a sandboxed program says when memory runs out, and how it knows. Runs in the sandboxes.
#include "helper/verify/sandbox/memory.h"

#include <openssl/crypto.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace sifguard {
namespace {

std::atomic<bool> g_lacked{false};  // the verifier's threads hash by OpenSSL

void* noted(void* block, std::size_t size) noexcept {
  if (block == nullptr && size != 0) g_lacked = true;
  return block;
}

void* allocate(std::size_t size, const char* /*file*/, int /*line*/) {
  return noted(std::malloc(size), size);
}

void* reallocate(void* block, std::size_t size, const char* /*file*/, int /*line*/) {
  return noted(std::realloc(block, size), size);
}

void release(void* block, const char* /*file*/, int /*line*/) {
  std::free(block);
}

}  // namespace

void watch_openssl_memory() noexcept {
  CRYPTO_set_mem_functions(allocate, reallocate, release);
}

bool openssl_lacked_memory() noexcept {
  return g_lacked;
}

Error no_memory(std::string_view what) {
  return {Code::temporary,
          std::string(what) + " takes more memory than allowed, or than the node has",
          "look for a node, or a job, without memory; try again"};
}

}  // namespace sifguard
