// The digests that statements use. Runs in the sandboxed verifier, and in sif-sign as the user;
// call prepare_digests() before a seccomp filter, because OpenSSL opens files when it loads
// algorithms.
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// The algorithms that are strong enough; any other name in a statement is weak (CVE-2022-39237).
enum class DigestAlgorithm : std::uint8_t { sha256 = 0, sha384 = 1, sha512 = 2 };
inline constexpr std::size_t kDigestAlgorithms = 3;

struct Digest {
  DigestAlgorithm algorithm = DigestAlgorithm::sha256;
  std::vector<std::byte> value;  ///< exactly digest_size(algorithm)
  bool operator==(const Digest&) const = default;
};

[[nodiscard]] std::size_t digest_size(DigestAlgorithm algorithm) noexcept;
/// "sha256", "sha384", "sha512"; nullopt for anything else, including other cases.
[[nodiscard]] std::optional<DigestAlgorithm> digest_algorithm(std::string_view name) noexcept;

/// Loads the algorithms permanently, so that no file is opened later. Errors: Code::internal.
Status prepare_digests();

/// Streaming digest. finish() returns the errors (Code::internal) of any step.
class Hasher {
 public:
  explicit Hasher(DigestAlgorithm algorithm);
  void update(std::span<const std::byte> data) noexcept;
  [[nodiscard]] Result<Digest> finish();  ///< call once, at the end

 private:
  struct Deleter {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  };
  DigestAlgorithm algorithm_;
  std::unique_ptr<EVP_MD_CTX, Deleter> context_;
  bool good_ = false;
};

}  // namespace sifguard
