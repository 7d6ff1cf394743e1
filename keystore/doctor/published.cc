// Published images whose source would not run any more. The rights of the admin.
#include <algorithm>

#include "keystore/base/text.h"
#include "keystore/doctor/checks.h"
#include "keystore/doctor/published_copies.h"
#include "keystore/store/published_name.h"
#include "keystore/store/revoked_digests.h"

namespace sifguard {
namespace {

using Records = std::vector<PublishedRecord>;

void tell(const Records& copies, const std::string& why, Findings& findings) {
  for (const PublishedRecord& copy : copies) {
    findings.warn(published_binding(copy.name),
                  "the published image '" + copy.name + "' was made from " +
                      printable(copy.source_path) + ": " + why,
                  "sifctl image unpublish " + copy.name);
  }
}

}  // namespace

void check_published(const Examined& examined, Findings& findings) {
  if (!examined.keystore || !examined.policy || !examined.keys || !examined.signers) return;
  const auto records = published_records(*examined.keystore);
  const auto revoked = revoked_digests(*examined.keystore);
  if (!records || !revoked) {
    const Error& error = records ? revoked.error() : records.error();
    findings.add(Severity::problem, examined.plan.directory, error, "restore it from a backup");
    return;
  }
  const auto copies = [&](const std::function<bool(const PublishedRecord&)>& concerned) {
    return published_copies(*records, *examined.policy, concerned);
  };
  for (const RevokedDigest& one : *revoked) {
    tell(copies([&](const PublishedRecord& r) { return r.source_digest == one.digest; }),
         "that image, " + one.digest + ", is revoked", findings);
  }
  for (const KeyRecord& key : *examined.keys) {
    if (key.state != KeyState::suspended && key.state != KeyState::revoked) continue;
    tell(copies([&](const PublishedRecord& r) { return r.source_key == key.id; }),
         "its key '" + key.name + "' is " + std::string(key_state_name(key.state)), findings);
  }
  for (const SignerRecord& signer : *examined.signers) {
    if (signer.state != SignerState::revoked) continue;
    tell(copies([&](const PublishedRecord& r) {
           return std::any_of(r.source_signers.begin(), r.source_signers.end(),
                              [&](const std::string& name) { return signer.is_named(name); });
         }),
         "its signer " + signer.id + " is revoked", findings);
  }
}

}  // namespace sifguard
