#include "keystore/crypto/openssl_memory.h"

#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "keystore/crypto/rsa.h"

namespace sifguard {
namespace {

/// The heap is replaced for a whole process: every case runs in a child of its own.
int in_child(int (*body)()) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

TEST(OpensslMemory, KeysStillWork) {
  EXPECT_EQ(in_child([] {
              if (!protect_openssl_memory()) return 1;
              const auto key = RsaPrivateKey::generate(2048);
              if (!key || !key->check()) return 2;
              const auto pem = key->pkcs1_pem();
              if (!pem || !RsaPrivateKey::from_pem(*pem, nullptr)) return 3;
              return CRYPTO_secure_malloc_initialized() == 1 ? 0 : 4;
            }),
            0);
}

TEST(OpensslMemory, BlocksKeepTheirContentAsTheyGrowAndShrink) {
  EXPECT_EQ(in_child([] {
              if (!protect_openssl_memory()) return 1;
              auto* block = static_cast<char*>(OPENSSL_malloc(10));
              std::memcpy(block, "123456789", 10);
              for (const std::size_t size : {20UL, 4000UL, 100000UL, 50UL, 10UL}) {
                block = static_cast<char*>(OPENSSL_realloc(block, size));
                if (block == nullptr || std::strcmp(block, "123456789") != 0) return 2;
              }
              return OPENSSL_realloc(block, 0) == nullptr ? 0 : 3;
            }),
            0);
}

TEST(OpensslMemory, WithoutTheLockedPartWhatArgon2idFillsCanBeHad) {
  EXPECT_EQ(in_child([] {
              if (!wipe_openssl_memory()) return 1;
              void* const block = OPENSSL_secure_zalloc(64U << 20U);
              const bool had = block != nullptr;
              OPENSSL_secure_free(block);
              return had ? 0 : 2;
            }),
            0);
}

TEST(OpensslMemory, ComesTooLateAfterFirstUse) {
  EXPECT_EQ(in_child([] {
              EVP_MD_CTX_free(EVP_MD_CTX_new());
              const auto late = protect_openssl_memory();
              return !late && late.error().code() == Code::internal ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace sifguard
