// The digests that statements use. Runs where hasher.h says.
#include "helper/verify/sandbox/hasher.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

namespace sifguard {
namespace {

constexpr std::array<std::string_view, kDigestAlgorithms> kNames = {"sha256", "sha384", "sha512"};

struct MethodDeleter {
  void operator()(EVP_MD* method) const noexcept { EVP_MD_free(method); }
};
using Method = std::unique_ptr<EVP_MD, MethodDeleter>;

/// Fetched once: a fetch looks up providers, an explicit method does not.
const EVP_MD* method(DigestAlgorithm algorithm) {
  static const std::array<Method, kDigestAlgorithms> kMethods = {
      Method(EVP_MD_fetch(nullptr, "SHA256", nullptr)),
      Method(EVP_MD_fetch(nullptr, "SHA384", nullptr)),
      Method(EVP_MD_fetch(nullptr, "SHA512", nullptr))};
  return kMethods[static_cast<std::size_t>(algorithm)].get();
}

}  // namespace

std::size_t digest_size(DigestAlgorithm algorithm) noexcept {
  switch (algorithm) {
    case DigestAlgorithm::sha256:
      return 32;
    case DigestAlgorithm::sha384:
      return 48;
    case DigestAlgorithm::sha512:
      return 64;
  }
  return 0;
}

std::optional<DigestAlgorithm> digest_algorithm(std::string_view name) noexcept {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<DigestAlgorithm>(found - kNames.begin());
}

Status prepare_digests() {
  // No configuration file: it could name a provider to load.
  if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr) != 1) {
    return fail(Code::internal, "OpenSSL cannot start");
  }
  for (std::size_t i = 0; i < kDigestAlgorithms; ++i) {
    Hasher hasher(static_cast<DigestAlgorithm>(i));
    SG_TRY(const Digest warm, hasher.finish());
  }
  return {};
}

Hasher::Hasher(DigestAlgorithm algorithm) : algorithm_(algorithm), context_(EVP_MD_CTX_new()) {
  const EVP_MD* const chosen = method(algorithm);
  good_ = context_ && chosen != nullptr && EVP_DigestInit_ex(context_.get(), chosen, nullptr) == 1;
}

void Hasher::update(std::span<const std::byte> data) noexcept {
  good_ = good_ && EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1;
}

Result<Digest> Hasher::finish() {
  Digest digest{algorithm_, std::vector<std::byte>(digest_size(algorithm_))};
  unsigned size = 0;
  if (!good_ ||
      EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.value.data()),
                         &size) != 1 ||
      size != digest.value.size()) {
    return fail(Code::internal, "OpenSSL cannot compute a digest");
  }
  good_ = false;
  return digest;
}

}  // namespace sifguard
