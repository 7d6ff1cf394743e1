// Taking an OpenPGP key in as a signer: merging it with the copy that is stored. Runs in
// `sifguard-pgp`; the bytes come from outside.
#include "keystore/crypto/openpgp_merge.h"

#include <time.h>

#include <algorithm>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openpgp_block.h"

namespace sifguard {
namespace {

Result<OpenPgpKey> choose(const std::vector<OpenPgpKey>& keys, const std::string& wanted) {
  if (wanted.empty()) {
    if (keys.size() == 1) return keys.front();
    return fail(Code::usage, "the file holds " + std::to_string(keys.size()) + " keys",
                "pick one with --fingerprint");
  }
  SG_TRY(const std::string fingerprint, normalize_fingerprint(wanted));
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const OpenPgpKey& key) {
    return key.fingerprint == fingerprint;
  });
  if (found == keys.end()) {
    return fail(Code::absent, "the file holds no key with the primary fingerprint " + fingerprint);
  }
  return *found;
}

/// Reads the one key of the session as it is now.
Status look(OpenPgpSession& session, PgpMerged& merged) {
  SG_TRY(merged.armored, session.export_armored(merged.names));
  SG_TRY(auto keys, session.inspect(merged.armored));
  if (keys.size() != 1) return fail(Code::internal, "gpg exported more than one key");
  merged.after = std::move(keys.front());
  return {};
}

Status take_stored(OpenPgpSession& session, const PgpMergeRequest& request, PgpMerged& merged) {
  if (request.stored.empty()) return {};
  SG_TRY(auto keys, session.inspect(request.stored));
  if (keys.size() != 1) return fail(Code::config, "the stored copy is not one OpenPGP key");
  SG_CHECK(session.import(request.stored));
  merged.names = keys.front().fingerprint;
  merged.before = std::move(keys.front());
  return {};
}

Result<PgpMerged> merge_revocation(OpenPgpSession& session, const PgpMergeRequest& request,
                                   const std::string& issuer) {
  PgpMerged merged;
  merged.revocation = true;
  SG_CHECK(take_stored(session, request, merged));
  if (!merged.before) {
    merged.names = issuer;
    return merged;
  }
  SG_CHECK(session.import_revocation(request.added));
  SG_CHECK(look(session, merged));
  if (merged.after->revoked) return merged;
  return fail(Code::refused, "the revocation was not made by the key " + merged.names);
}

/// Where a key is taken in; one that is stored is read as ever, and counts for nothing.
Status check_exponents(const PgpMerged& merged) {
  const auto small = small_exponents_in(merged.armored);
  if (merged.before || !contains(small, merged.names)) return {};
  return fail(Code::refused, "the RSA key's exponent is less than 65537",
              "ask its owner for one with the exponent 65537, or Ed25519");
}

/// Of several things the reader below would take one, and the rest would be lost without a word.
Status check_alone(const PgpMergeRequest& request) {
  const OpenPgpContent content = openpgp_content(request.added);
  if (content.keys + content.others <= 1) return {};
  if (content.others > 0) {
    return fail(Code::refused,
                "the file holds more than an OpenPGP key: a revocation, or a block of another kind",
                "give each in a file of its own");
  }
  if (!request.fingerprint.empty()) return {};
  return fail(Code::usage, "the file holds " + std::to_string(content.keys) + " keys",
              "pick one with --fingerprint");
}

}  // namespace

Result<PgpMerged> merge_openpgp_key(OpenPgpSession& session, const PgpMergeRequest& request) {
  SG_CHECK(check_alone(request));
  if (const auto issuer = lone_revocation_of(request.added)) {
    return merge_revocation(session, request, *issuer);
  }
  SG_TRY(const auto keys, session.inspect(request.added));
  if (!is_whole_openpgp(request.added)) {
    return fail(Code::refused, "the OpenPGP key is cut off, or followed by something else",
                "get it again from its owner");
  }
  SG_TRY(const OpenPgpKey chosen, choose(keys, request.fingerprint));
  if (chosen.secret) {
    return fail(Code::refused, "the file holds the secret half of key " + chosen.fingerprint,
                "keep it to yourself and give: gpg --armor --export " + chosen.fingerprint);
  }
  PgpMerged merged;
  SG_CHECK(take_stored(session, request, merged));
  if (merged.before && merged.names != chosen.fingerprint) {
    return fail(Code::config, "the stored copy is of another key");
  }
  merged.names = chosen.fingerprint;
  const bool lends = keys.size() == 1 && merged.before;  // user ids of the stored copy
  const auto earlier = without_later_signatures(request.added, ::time(nullptr) + kOpenPgpClockSkew,
                                                lends ? LastOnes::leave_out : LastOnes::keep);
  merged.left_out = earlier.has_value();
  if (keys.size() == 1 && chosen.user_id.empty() && !lends) return merged;
  const std::string added = earlier.value_or(request.added);
  SG_CHECK(session.import(lends ? with_user_ids(openpgp_bytes(added), openpgp_bytes(request.stored))
                                : added));
  SG_CHECK(look(session, merged));
  SG_CHECK(check_exponents(merged));
  return merged;
}

}  // namespace sifguard
