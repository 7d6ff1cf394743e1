// Signing with an OpenPGP key through the user's own gpg and its agent. The user's rights.
#include "helper/tools/pgp_signer.h"

#include <algorithm>

#include "helper/verify/sandbox/pgp_frame.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/gpgme_handles.h"
#include "keystore/crypto/openpgp_block.h"
#include "keystore/crypto/openpgp_packet.h"
#include "keystore/crypto/openpgp_verdict.h"

namespace sifguard {
namespace {

/// gpg cuts longer lines of a text in silence (MAX_LINELEN is 20000, with the line's end).
constexpr std::size_t kLongestLine = 19995;

Result<GpgmeContext> make_context() {
  gpgme_error_t error = GPG_ERR_NO_ERROR;
  GpgmeContext context = new_openpgp_context(error);
  if (error == GPG_ERR_NO_ERROR) error = gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP);
  if (error != GPG_ERR_NO_ERROR) {
    return fail_gpgme(Code::unavailable, "cannot run gpg", error, "install GnuPG 2.2 or later");
  }
  return context;
}

Status check_usable(const _gpgme_key& key, const std::string& fingerprint) {
  const std::string name = "the OpenPGP key " + fingerprint;
  if (key.subkeys == nullptr) return fail(Code::refused, name + " has no key material");
  const std::string primary(text_or_empty(key.subkeys->fpr));
  if (primary != fingerprint) {
    return fail(Code::refused, fingerprint + " is a subkey",
                "name the key by its primary fingerprint " + primary);
  }
  if (key.revoked) return fail(Code::refused, name + " is revoked");
  if (key.expired) {
    return fail(Code::refused, name + " has expired",
                "extend it: gpg --quick-set-expire " + fingerprint);
  }
  if (key.disabled || key.invalid) return fail(Code::refused, name + " is disabled or invalid");
  if (!key.can_sign) return fail(Code::refused, name + " has no part that can sign");
  return {};
}

Result<GpgmeKey> find_key(gpgme_ctx_t context, const std::string& fingerprint) {
  gpgme_key_t raw = nullptr;
  const gpgme_error_t error = gpgme_get_key(context, fingerprint.c_str(), &raw, 1);
  GpgmeKey key(raw);
  if (error != GPG_ERR_NO_ERROR) {
    const bool missing = gpgme_err_code(error) == GPG_ERR_EOF;
    return fail_gpgme(Code::refused, "gpg has no secret key " + fingerprint,
                      missing ? gpgme_error_t{GPG_ERR_NO_ERROR} : error,
                      "see which there are: gpg --list-secret-keys");
  }
  SG_CHECK(check_usable(*key, fingerprint));
  return key;
}

/// Gives gpg the passphrase, once.
gpgme_error_t hand_passphrase(void* from, const char* /*hint*/, const char* /*info*/,
                              int previous_was_bad, int fd) {
  const auto* const passphrase = static_cast<const SecretBytes*>(from);
  if (previous_was_bad != 0) return gpgme_error(GPG_ERR_BAD_PASSPHRASE);
  const auto bytes = passphrase->bytes();
  if (gpgme_io_writen(fd, bytes.data(), bytes.size()) != 0 || gpgme_io_writen(fd, "\n", 1) != 0) {
    return gpgme_error_from_errno(EIO);
  }
  return GPG_ERR_NO_ERROR;
}

std::string taken_text(gpgme_data_t data) {
  std::size_t size = 0;
  char* const text = gpgme_data_release_and_get_mem(data, &size);
  std::string taken(text != nullptr ? text : "", text != nullptr ? size : 0);
  gpgme_free(text);
  return taken;
}

sif::SignatureHash hash_of(const SignaturePacket& packet) {
  switch (packet.hash_algorithm) {  // RFC 4880 9.4
    case 9:
      return sif::SignatureHash::sha384;
    case 10:
      return sif::SignatureHash::sha512;
    default:
      return sif::SignatureHash::sha256;
  }
}

class PgpSigner final : public Signer {
 public:
  PgpSigner(GpgmeContext context, GpgmeKey key, std::string fingerprint,
            std::unique_ptr<SecretBytes> passphrase)
      : passphrase_(std::move(passphrase)),
        context_(std::move(context)),
        key_(std::move(key)),
        fingerprint_(std::move(fingerprint)) {}

  Status prepare() {
    if (gpgme_signers_add(context_.get(), key_.get()) != GPG_ERR_NO_ERROR) {
      return fail(Code::internal, "GPGME does not take the key");
    }
    if (passphrase_ == nullptr) return {};
    gpgme_set_passphrase_cb(context_.get(), hand_passphrase, passphrase_.get());
    const gpgme_error_t error =
        gpgme_set_pinentry_mode(context_.get(), GPGME_PINENTRY_MODE_LOOPBACK);
    if (error == GPG_ERR_NO_ERROR) return {};
    return fail_gpgme(Code::unavailable, "gpg does not take a passphrase from us", error);
  }

  [[nodiscard]] const std::string& id() const noexcept override { return fingerprint_; }
  [[nodiscard]] std::string policy_name() const override { return fingerprint_; }
  [[nodiscard]] std::string_view form() const noexcept override { return "openpgp"; }

  [[nodiscard]] Result<SignatureData> sign(std::string_view statement) override {
    if (statement.size() > kLongestLine) {
      return fail(Code::refused, "the group has too many objects for a signature by gpg",
                  "sign with --key");
    }
    SignatureData made;
    SG_TRY(made.data, clearsign(statement));
    const auto fingerprint = from_hex(fingerprint_);
    std::copy(fingerprint->begin(), fingerprint->end(), made.fingerprint.begin());
    SG_TRY(made.hash, check(made.data, statement));
    return made;
  }

 private:
  Result<std::string> clearsign(std::string_view statement) {
    SG_TRY(const GpgmeData plain, gpgme_view(statement));
    gpgme_data_t sink = nullptr;
    if (gpgme_data_new(&sink) != GPG_ERR_NO_ERROR) {
      return fail(Code::temporary, "cannot use GPGME");
    }
    GpgmeData signature(sink);
    const gpgme_error_t error =
        gpgme_op_sign(context_.get(), plain.get(), sink, GPGME_SIG_MODE_CLEAR);
    if (error != GPG_ERR_NO_ERROR) {
      return fail_gpgme(Code::refused, "gpg does not sign with the key " + fingerprint_, error,
                        "see what it says: gpg --clearsign -u " + fingerprint_);
    }
    return taken_text(signature.release());
  }

  /// Keys and subkeys of it that count for nothing.
  Result<std::vector<std::string>> weak_parts() {
    gpgme_data_t sink = nullptr;
    if (gpgme_data_new(&sink) != GPG_ERR_NO_ERROR) {
      return fail(Code::temporary, "cannot use GPGME");
    }
    GpgmeData exported(sink);
    const gpgme_error_t error = gpgme_op_export(context_.get(), fingerprint_.c_str(), 0, sink);
    if (error == GPG_ERR_NO_ERROR) return small_exponents_in(taken_text(exported.release()));
    return fail_gpgme(Code::refused, "gpg cannot export the key " + fingerprint_, error);
  }

  /// What a verifier will make of it. The user's gpg.conf may ask for digests, notations or formats
  /// that nobody should take.
  Result<sif::SignatureHash> check(const std::string& data, std::string_view statement) {
    SG_TRY(const ClearsignedMessage message, parse_clearsigned(data));
    if (message.statement != statement) {
      return fail(Code::refused, "gpg signed something else than it was given");
    }
    SG_TRY(const SignaturePacket packet, parse_detached_signature(message.signature));
    SG_TRY(const auto weak, weak_parts());
    SG_TRY(const GpgmeData text, gpgme_view(message.signed_text));
    SG_TRY(const GpgmeData bytes, gpgme_view(packet.bytes));
    const gpgme_error_t error = gpgme_op_verify(context_.get(), bytes.get(), text.get(), nullptr);
    gpgme_verify_result_t const result =
        error == GPG_ERR_NO_ERROR ? gpgme_op_verify_result(context_.get()) : nullptr;
    if (result == nullptr || result->signatures == nullptr) {
      return fail_gpgme(Code::refused, "gpg cannot verify its own signature", error);
    }
    const PgpVerdict verdict = reach_verdict(*result->signatures, key_.get(), packet, weak);
    if (verdict.status == PgpStatus::weak_hash) {
      return fail(Code::refused, "gpg signed with " + verdict.hash + " or a key that is too weak",
                  "see digest-algo and personal-digest-preferences in gpg.conf; sign with SHA-256 "
                  "or longer and a key of at least 2048 bits; RSA needs the exponent 65537");
    }
    if (verdict.status != PgpStatus::good || verdict.primary != fingerprint_) {
      return fail(Code::refused, "what gpg signed is no good signature of " + fingerprint_);
    }
    return hash_of(packet);
  }

  std::unique_ptr<SecretBytes> passphrase_;  // outlives the context that points to it
  GpgmeContext context_;
  GpgmeKey key_;
  std::string fingerprint_;
};

}  // namespace

Result<std::unique_ptr<Signer>> make_pgp_signer(const std::string& fingerprint,
                                                std::unique_ptr<SecretBytes> passphrase) {
  SG_TRY(GpgmeContext context, make_context());
  SG_TRY(GpgmeKey key, find_key(context.get(), fingerprint));
  auto signer = std::make_unique<PgpSigner>(std::move(context), std::move(key), fingerprint,
                                            std::move(passphrase));
  SG_CHECK(signer->prepare());
  return std::unique_ptr<Signer>(std::move(signer));
}

}  // namespace sifguard
