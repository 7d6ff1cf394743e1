// How an OpenPGP key becomes a signer. Runs with the rights of the admin; the key itself is read in
// a sandbox.
#include "keystore/cli/signer_openpgp.h"

#include <time.h>

#include <algorithm>
#include <charconv>

#include "keystore/base/text.h"
#include "keystore/cli/pgp_merge_program.h"
#include "keystore/crypto/openpgp.h"
#include "keystore/crypto/openpgp_end.h"
#include "keystore/crypto/rsa_bits.h"
#include "keystore/store/removed_signers.h"

namespace sifguard {
namespace {

/// "rsa1024" and "dsa2048" sign nothing that verification would accept.
bool is_weak(std::string_view algorithm) {
  if (algorithm.starts_with("dsa")) return true;
  if (!algorithm.starts_with("rsa")) return false;
  int bits = 0;
  std::from_chars(algorithm.data() + 3, algorithm.data() + algorithm.size(), bits);
  return bits < kMinRsaBits;
}

/// Whether a key that is new here may become a signer.
Status check_usable(const OpenPgpKey& key) {
  const std::string shown = "the key " + key.fingerprint;
  if (key.revoked) return fail(Code::refused, shown + " is revoked");
  if (key.expired) {
    return fail(Code::refused, shown + " expired on " + format_utc(key.expires),
                "get the renewed key from its owner");
  }
  if (key.created > ::time(nullptr) + kOpenPgpClockSkew) {
    return fail(Code::refused, shown + " is dated in the future (" + format_utc(key.created) + ")",
                "check the clocks of this host and of the one that made it");
  }
  if (is_weak(key.algorithm)) {
    return fail(Code::refused, shown + " is too weak (" + key.algorithm + ")",
                "ask its owner for RSA of 2048 bits or more, or Ed25519");
  }
  if (!can_sign(key)) {
    return fail(Code::refused, shown + " cannot sign: no part of it is made for signatures",
                "get the key with a subkey that signs from its owner");
  }
  return {};
}

/// Why no signature by the key counts any more; empty while some may.
std::string why_ended(const OpenPgpKey& key) {
  if (key.revoked) return "is revoked by its owner";
  if (key.expired) return "expired on " + format_utc(key.expires);
  const bool signs = std::any_of(key.parts.begin(), key.parts.end(),
                                 [](const OpenPgpSubkey& part) { return part.signs_now(); });
  return signs ? "" : "has no part left that signs: all are revoked or expired";
}

/// What the owner took back of single subkeys since the copy that is stored.
std::vector<std::string> what_changed(const OpenPgpKey& before, const OpenPgpKey& after) {
  std::vector<std::string> news;
  for (const OpenPgpSubkey& part : after.parts) {
    const auto old =
        std::find_if(before.parts.begin(), before.parts.end(),
                     [&](const OpenPgpSubkey& one) { return one.fingerprint == part.fingerprint; });
    if (old == before.parts.end() || !old->signs_now() || part.signs_now()) continue;
    news.push_back(
        "its subkey " + part.fingerprint +
        (part.revoked ? " is revoked by its owner" : " expired on " + format_utc(part.expires)) +
        ": what it signed is refused");
  }
  return news;
}

/// The copy in the keystore of the signer that the file speaks about.
struct StoredCopy {
  std::string key;       ///< empty if there is none
  bool removed = false;  ///< it is what is remembered of a signer that is gone
};

const SignerRecord* find_named(const std::vector<SignerRecord>& signers, const std::string& named) {
  const auto found = std::find_if(signers.begin(), signers.end(), [&](const SignerRecord& one) {
    return one.type() == SignerType::openpgp && one.id.ends_with(named);
  });
  return found == signers.end() ? nullptr : &*found;
}

Result<StoredCopy> stored_copy(const Keystore& keystore, const std::string& named) {
  StoredCopy copy;
  SG_TRY(const auto signers, keystore.signers());
  if (const auto* const signer = find_named(signers, named)) {
    SG_TRY(copy.key, keystore.signer_key(signer->id));
    return copy;
  }
  SG_TRY(const auto removed, removed_signers(keystore));
  const auto* const gone = find_named(removed, named);
  if (gone == nullptr) return copy;
  SG_TRY(const auto remembered, find_removed_signer(keystore, gone->id));
  if (remembered) copy = {remembered->key, true};
  return copy;
}

/// Of a signer that was removed, what the copy that is given does not know.
std::vector<std::string> remembered_of(const OpenPgpKey& given, const OpenPgpKey& merged) {
  std::vector<std::string> sentences;
  for (const OpenPgpSubkey& part : merged.parts) {
    const auto known =
        std::find_if(given.parts.begin(), given.parts.end(),
                     [&](const OpenPgpSubkey& one) { return one.fingerprint == part.fingerprint; });
    if (!part.revoked || (known != given.parts.end() && known->revoked)) continue;
    sentences.push_back("its subkey " + part.fingerprint +
                        " is revoked by its owner, as was known when it was removed");
  }
  return sentences;
}

/// What was given, merged with what there is.
struct Merge {
  PgpMerged merged;
  bool removed = false;
  std::vector<std::string> remembered = {};
};

Result<Merge> merge(const Keystore& keystore, PgpMergeRequest& request) {
  SG_TRY(PgpMerged given, merge_in_sandbox(request));
  SG_TRY(StoredCopy stored, stored_copy(keystore, given.names));
  if (stored.removed && !given.after) stored = {};
  request.stored = std::move(stored.key);
  if (!request.stored.empty()) {
    Merge merge{{}, stored.removed};
    SG_TRY(merge.merged, merge_in_sandbox(request));
    if (stored.removed) merge.remembered = remembered_of(*given.after, *merge.merged.after);
    return merge;
  }
  if (given.after) return Merge{std::move(given)};
  return fail(Code::refused,
              std::string(given.revocation ? "a revocation" : "a key without user id") + " of " +
                  given.names + ", which is no signer of this keystore",
              "add the whole key first");
}

}  // namespace

Result<NewSigner> read_openpgp_signer(const Keystore& keystore, const std::string& data,
                                      const std::string& wanted) {
  PgpMergeRequest request{data, wanted, {}};
  SG_TRY(Merge both, merge(keystore, request));
  PgpMerged& merged = both.merged;
  if (!merged.after) return fail(Code::internal, "a key was merged into nothing");
  const OpenPgpKey& key = *merged.after;
  const bool is_there = merged.before && !both.removed;
  if (!is_there) SG_CHECK(check_usable(key));
  NewSigner signer;
  signer.record = SignerRecord{key.fingerprint, key.user_id, key.algorithm,    key.created,
                               end_of(key),     0,           {key.fingerprint}};
  signer.key = std::move(merged.armored);
  signer.merged_with = std::move(request.stored);
  signer.left_out = merged.left_out;
  signer.remembered = std::move(both.remembered);
  if (is_there) {
    signer.ended = why_ended(key);
    if (!key.revoked) signer.news = what_changed(*merged.before, key);
  }
  if (key.revoked) {
    signer.record.state = SignerState::revoked;
    signer.record.state_at = ::time(nullptr);
    signer.record.reason = "unspecified";
  }
  return signer;
}

}  // namespace sifguard
