// SHA-256 in one call and in pieces. Any process, any privilege.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include "keystore/base/error.h"

namespace sifguard {

using Sha256Digest = std::array<std::byte, 32>;

/// Streaming SHA-256; OpenSSL chooses the fastest implementation of the processor.
class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::byte> data) noexcept;
  /// Call once, at the end. Errors: Code::internal if any step failed.
  [[nodiscard]] Result<Sha256Digest> finish();

 private:
  struct Deleter {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Deleter> context_;
  bool good_ = false;
};

[[nodiscard]] Result<Sha256Digest> sha256(std::span<const std::byte> data);

}  // namespace sifguard
