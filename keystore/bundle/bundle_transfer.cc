// Bundles out of one keystore and into another. The owner of the keystore, in `sifctl`.
#include "keystore/bundle/bundle_transfer.h"

#include <time.h>

#include <algorithm>

#include "keystore/base/clock.h"
#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/bundle/certificates.h"
#include "keystore/bundle/identity.h"
#include "keystore/bundle/select.h"
#include "keystore/bundle/serial.h"
#include "keystore/crypto/digest.h"
#include "keystore/policy/policy.h"
#include "keystore/trust/newer.h"
#include "keystore/x509/distinguished_name.h"

namespace sifguard {
namespace {

std::size_t bindings_of(const StoreContent& content) {
  const auto policy = parse_policy(content.images);
  return policy ? policy->bindings.size() : 0;
}

/// Who could open a bundle could encrypt it for another node; what the store signed names them all.
Status check_recipient_of(const Manifest& manifest, const X509& own) {
  SG_TRY(const std::string fingerprint, certificate_fingerprint(own));
  const auto& all = manifest.recipients;
  if (contains(all, fingerprint)) return {};
  return fail(
      Code::refused,
      "the bundle was made for other nodes: what its store signed does not name " + fingerprint,
      "export it with this node's certificate: sifctl node show");
}

/// A store that knows what it exported goes on above that. One that lost it begins with the time,
/// which may be long before a serial of a clock that was ahead.
std::string what_is_newer(std::int64_t last, std::int64_t now) {
  if (last <= now + kClockSkew) return "export a new one";
  return "export a new one where the store still has its bundle.json; where that is lost, none is "
         "newer until " +
         format_utc(last) +
         ": make a new keystore (sifctl init), and here sifctl node trust its signer and sifctl "
         "node distrust the old one";
}

/// Signers count apart: a store whose clock was ahead once does not keep a new one out.
Status check_newer(const Manifest& manifest, const std::string& signer, const BundleState& state,
                   std::int64_t now) {
  const std::int64_t last = last_taken(state, signer, manifest.store);
  if (manifest.serial > last) return {};
  return fail(Code::refused,
              "the bundle is not newer than the one that was imported last: " +
                  format_utc(manifest.created) + ", serial " + std::to_string(manifest.serial) +
                  ", after " + std::to_string(last) + " of its signer or store",
              what_is_newer(last, now));
}

/// What was once taken holds off all that is older by its serial, which is a time.
Status check_time(const Manifest& manifest, std::int64_t now) {
  if (!is_of_the_future(manifest, now)) return {};
  return fail(Code::temporary,
              "the bundle was exported " + format_utc(manifest.created) +
                  ", but this node's clock says " + format_utc(now),
              "check both clocks; where the store's was ahead, export anew; if both are right, say "
              "so with --accept-clock");
}

void note_nodes(const std::vector<const X509*>& recipients, const Manifest& manifest,
                BundleState& state) {
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    const std::string subject = shown_name(X509_get_subject_name(recipients[i]));
    record_exported(state, {manifest.recipients[i], subject, manifest.serial, manifest.created});
  }
}

}  // namespace

Result<Exported> export_bundle(const Keystore& keystore, const std::vector<std::string>& only,
                               const std::vector<const X509*>& recipients) {
  for (const X509* recipient : recipients) SG_CHECK(check_recipient(*recipient));
  SG_TRY(const CertifiedKey signer, open_site(keystore));
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(Selection selection, select_content(keystore, only));
  const StoreContent& content = selection.content;
  SG_TRY(BundleState state, read_bundle_state(keystore));
  const std::int64_t now = ::time(nullptr);
  Exported out;
  out.manifest.store = state.store;
  for (const X509* recipient : recipients) {
    SG_TRY(std::string fingerprint, certificate_fingerprint(*recipient));
    out.manifest.recipients.push_back(std::move(fingerprint));
  }
  out.manifest.created = now;
  out.manifest.serial = std::max(out.manifest.created, state.exported + 1);
  out.bindings = bindings_of(content);
  out.keys = content.keys.size();
  out.signers = content.signers.size();
  out.besides = std::move(selection.besides);
  SG_TRY(const SecretBytes payload, encode_bundle(out.manifest, content));
  SG_TRY(out.message, seal_message(payload.bytes(), signer, recipients));
  state.exported = out.manifest.serial;
  state.exported_at = now;
  note_nodes(recipients, out.manifest, state);
  SG_CHECK(write_bundle_state(keystore, state));
  return out;
}

bool is_of_the_future(const Manifest& manifest, std::int64_t now) noexcept {
  return manifest.created > now + kClockSkew;
}

Result<OpenedBundle> open_bundle(const Keystore& keystore, std::span<const std::byte> message) {
  SG_TRY(const CertifiedKey own, open_node(keystore));
  SG_TRY(const auto signers, trusted_signers(keystore));
  if (signers.empty()) {
    return fail(Code::config, "no signer of bundles is trusted here",
                "sifctl node trust CERT, with what sifctl bundle signer shows");
  }
  std::vector<const X509*> certificates;
  certificates.reserve(signers.size());
  for (const TrustedSigner& signer : signers) certificates.push_back(signer.certificate.get());
  SG_TRY(const OpenedMessage opened, open_message(message, own, certificates));
  SG_TRY(Bundle bundle, decode_bundle(opened.content.bytes()));
  SG_CHECK(check_recipient_of(bundle.manifest, *own.certificate));
  SG_TRY(const Sha256Digest content, sha256(opened.content.bytes()));
  return OpenedBundle{std::move(bundle), signers[opened.signer].fingerprint, to_hex(content)};
}

Result<Imported> import_bundle(const Keystore& keystore, std::span<const std::byte> message,
                               const MergeOpenPgp& merge, ImportMode mode) {
  SG_TRY(OpenedBundle opened, open_bundle(keystore, message));
  Bundle& bundle = opened.bundle;
  const std::string& signer = opened.signer;
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(BundleState state, read_bundle_state(keystore));
  Imported in{bundle.manifest, signer, bindings_of(bundle.content), bundle.content.keys.size(),
              bundle.content.signers.size()};
  const TakenBundle taken{signer, bundle.manifest.store, bundle.manifest.serial};
  in.unchanged = is_imported(state, taken, opened.content);
  if (in.unchanged) return in;
  const std::int64_t now = ::time(nullptr);
  SG_CHECK(check_newer(bundle.manifest, signer, state, now));
  if (!mode.accept_clock) SG_CHECK(check_time(bundle.manifest, now));
  auto notes = keep_newer_proofs(keystore, bundle.content, now);
  if (!notes) return tl::unexpected(std::move(notes).error().prepend("the bundle"));
  in.notes = *std::move(notes);
  SG_TRY(in.final_states, keep_final(keystore, bundle.content, state, merge));
  if (mode.only_check) return in;
  SG_CHECK(remember_dropped(keystore, bundle.content));
  state.from = bundle.manifest.store;
  state.imported = bundle.manifest.serial;
  state.content = opened.content;
  record_taken(state, taken);
  SG_CHECK(replace_content(keystore, bundle.content, {{kBundleFile, format_bundle_state(state)}}));
  return in;
}

}  // namespace sifguard
