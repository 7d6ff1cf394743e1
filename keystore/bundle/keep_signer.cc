// What is final about a signer when another copy of it replaces the present one.
// The owner of the keystore, in `sifctl`; OpenPGP keys are merged in a sandbox.
#include "keystore/bundle/keep_signer.h"

#include <time.h>

#include <algorithm>

#include "keystore/base/text.h"
#include "keystore/crypto/openpgp_end.h"
#include "keystore/store/signer_revocation.h"

namespace sifguard {
namespace {

using Clauses = std::vector<std::string>;

std::string shown_end(std::int64_t expires) {
  return expires == 0 ? "does not expire" : "expires on " + format_utc(expires);
}

void compare_part(const OpenPgpSubkey& part, const OpenPgpSubkey* known, const std::string& what,
                  Clauses& clauses) {
  if (part.revoked && (known == nullptr || !known->revoked)) {
    clauses.push_back(what + "is revoked by its owner");
  } else if (known != nullptr && part.expires != known->expires) {
    clauses.push_back(what + shown_end(part.expires));
  }
}

/// What `merged` says that `coming` does not.
Clauses what_is_more(const OpenPgpKey& coming, const OpenPgpKey& merged) {
  Clauses clauses;
  for (const OpenPgpSubkey& part : merged.parts) {
    const auto known =
        std::find_if(coming.parts.begin(), coming.parts.end(),
                     [&](const OpenPgpSubkey& one) { return one.fingerprint == part.fingerprint; });
    const bool is_known = known != coming.parts.end();
    const bool is_primary = part.fingerprint == merged.fingerprint;
    if (!is_known) clauses.push_back("it has the subkey " + part.fingerprint);
    compare_part(part, is_known ? &*known : nullptr,
                 is_primary ? "it " : "its subkey " + part.fingerprint + " ", clauses);
    if (is_primary && part.revoked) break;  // of the whole key there is no more to say
  }
  return clauses;
}

/// Trouble that passes says nothing of the keys.
bool passes(const Error& error) {
  return error.code() == Code::temporary || error.code() == Code::unavailable ||
         error.code() == Code::internal;
}

Status merge_key(const SignerEntry& own, SignerEntry& coming, const MergeOpenPgp& merge,
                 KeptOfSigner& kept) {
  if (own.record.type() != SignerType::openpgp || own.key == coming.key) return {};
  if (!merge) return fail(Code::internal, "nobody merges OpenPGP keys");
  const auto merged = merge({own.key, own.record.id, coming.key});
  if (!merged && passes(merged.error())) return tl::unexpected(merged.error());
  if (!merged || !merged->before || !merged->after) {
    kept.incomparable = merged ? "a copy is no key" : merged.error().what();
    return {};
  }
  kept.of_key = what_is_more(*merged->before, *merged->after);
  coming.key = merged->armored;
  coming.record.expires = end_of(*merged->after);
  if (merged->after->revoked && coming.record.state != SignerState::revoked) {
    coming.record.state = SignerState::revoked;
    coming.record.state_at = ::time(nullptr);
    coming.record.reason = "unspecified";
  }
  return {};
}

}  // namespace

Result<KeptOfSigner> keep_of_signer(const SignerEntry& own, SignerEntry& coming,
                                    const MergeOpenPgp& merge) {
  KeptOfSigner kept;
  SignerRecord& record = coming.record;
  const SignerRecord& before = own.record;
  kept.revocation =
      before.state == SignerState::revoked &&
      is_graver(record.state, record.reason, record.state_at, before.reason, before.state_at);
  if (kept.revocation) {
    record.state = before.state;
    record.state_at = before.state_at;
    record.reason = before.reason;
  }
  if (auto merged = merge_key(own, coming, merge, kept); !merged) {
    return tl::unexpected(std::move(merged).error().prepend("the signer " + before.id));
  }
  return kept;
}

}  // namespace sifguard
