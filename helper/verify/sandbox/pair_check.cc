// Judging raw signatures with exactly the keys given. Runs in `sifguard-pki`.
#include "helper/verify/sandbox/pair_check.h"

#include <algorithm>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxSignature = 1024;  // RSA with 8192 bits

Result<PairVerdict> check_pair(const PkiPair& pair, std::span<const SignerKey> keys) {
  if (pair.signature.empty() || pair.signature.size() > kMaxSignature) {
    return PairVerdict{PairStatus::malformed, {}, {}};
  }
  SG_TRY(const Sha256Digest digest, sha256(as_bytes(pair.data)));
  const auto made = [&](const SignerKey& key) {
    return key.made(pair.signature, pair.data, digest);
  };
  const auto hinted = std::find_if(keys.begin(), keys.end(), [&](const SignerKey& key) {
    return key.fingerprint() == pair.key_hint;
  });
  const auto maker =
      hinted != keys.end() && made(*hinted) ? hinted : std::find_if(keys.begin(), keys.end(), made);
  if (maker != keys.end()) {
    return PairVerdict{maker->weak() ? PairStatus::weak : PairStatus::good, maker->spki(),
                       std::string(maker->hash())};
  }
  if (hinted != keys.end()) return PairVerdict{PairStatus::bad, hinted->spki(), {}};
  return PairVerdict{PairStatus::unknown_key, {}, {}};
}

}  // namespace

Result<std::vector<PairVerdict>> check_pairs(std::span<const PkiPair> pairs,
                                             std::span<const SignerKey> keys) {
  std::vector<PairVerdict> verdicts;
  for (const PkiPair& pair : pairs) {
    SG_TRY(PairVerdict verdict, check_pair(pair, keys));
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace sifguard
