// From an examined image to an admission, for which a key may be released. Root; pure but for what
// standing_of() reads.
#include "helper/release/admission.h"

namespace sifguard {
namespace {

/// It has a primary system partition, which is not encrypted with a passphrase: nobody could type
/// it in a job. Or it is an OCI image, which runtimes do not read, and its root is mounted for it.
Status check_runnable(const ImageFacts& facts, const Demands& demands) {
  if (facts.oci) {
    if (demands.mounted) return {};
    return fail(Code::refused, "the image is an OCI-SIF, which runs under `release: mount` alone",
                "the node's sifguard.yaml or the binding must say so (sifctl image bind … "
                "--release mount); or build it as a plain SIF");
  }
  if (facts.primary_partition_id == 0) {
    return fail(Code::refused, "the image has no primary system partition to run",
                "a data image has none: build it as a plain SIF");
  }
  if (encryption_of(facts) != Encryption::with_passphrase) return {};
  return fail(Code::refused, "the image is encrypted with a passphrase, which no job can give",
              "build it for a key: apptainer build --encrypt --pem-path=FILE, with the file of "
              "sifctl key export-public --pkcs1");
}

/// It is encrypted for a key exactly where the binding has one for it.
Status check_encryption(const ImageFacts& facts, const Demands& demands) {
  if (demands.encrypted == (encryption_of(facts) != Encryption::none)) return {};
  if (demands.encrypted) {
    return fail(Code::refused,
                "the image is not encrypted, as binding '" + demands.binding + "' demands");
  }
  return fail(Code::denied,
              "the image is encrypted, but binding '" + demands.binding + "' names no key for it",
              "sifctl image bind … --key NAME");
}

}  // namespace

Status check_pin(const std::optional<std::string>& pin, const std::string& digest) {
  if (!pin || *pin == digest) return {};
  return fail(Code::refused, "the image is not the one that its binding pins (" + digest +
                                 " instead of " + *pin + ")");
}

Demands demands_of(const Decision& decision, Release release) {
  return {decision.signers(), decision.digest(), decision.key().has_value(),
          release == Release::mount, decision.bindings().front()};
}

Demands demands_of(const Binding& binding, Release release) {
  return {{binding.signers},
          binding.digest,
          binding.key.has_value(),
          release == Release::mount,
          binding.name};
}

Result<CertifiedFacts> certify(const ExaminedFacts& facts, const std::string& digest,
                               const Keyring& keyring, const Keystore& keystore,
                               std::string_view revocation, const ExamineOptions& options) {
  SG_TRY(const Standing standing, standing_of(keyring, keystore, revocation, options));
  return certify(facts, digest, standing);
}

Result<Admission> admit(Verdict verdict, const Demands& demands) {
  SG_CHECK(check_pin(demands.pin, verdict.facts().digest()));
  SG_CHECK(check_runnable(*verdict.facts(), demands));
  SG_CHECK(check_encryption(*verdict.facts(), demands));
  return Admission(std::move(verdict));
}

Result<UnverifiedAdmission> admit_unverified(const CertifiedFacts& facts,
                                             const Decision& decision) {
  if (decision.mode() != Mode::warn || decision.key() ||
      encryption_of(*facts) != Encryption::none) {
    return fail(Code::denied, "only an unencrypted image under mode 'warn' runs unverified");
  }
  if (facts->oci) return fail(Code::denied, "an OCI-SIF runs only when it is verified");
  return UnverifiedAdmission();
}

Error with_what_signing_leaves(Error why, const CertifiedFacts& facts, const Demands& demands) {
  const auto runnable = check_runnable(*facts, demands);
  if (runnable) return why;
  return {why.code(),
          why.what() + "; and signed it would not run either: " + runnable.error().what(),
          runnable.error().remedy()};
}

Result<Admission> judge_and_admit(const CertifiedFacts& facts, const Demands& demands,
                                  std::int64_t now) {
  auto verdict = judge(facts, demands.signers, now);
  if (!verdict) {
    return tl::unexpected(with_what_signing_leaves(std::move(verdict).error(), facts, demands));
  }
  return admit(*std::move(verdict), demands);
}

}  // namespace sifguard
