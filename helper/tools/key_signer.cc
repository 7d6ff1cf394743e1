// Signing with an OpenSSL key. The user's rights.
#include "helper/tools/dsse_envelope.h"
#include "helper/tools/signer.h"

namespace sifguard {
namespace {

class KeySigner final : public Signer {
 public:
  explicit KeySigner(SigningKey key) : key_(std::move(key)) {}
  [[nodiscard]] const std::string& id() const noexcept override {
    return key_.public_half().fingerprint();
  }
  [[nodiscard]] std::string policy_name() const override {
    return "spki:" + key_.public_half().spki();
  }
  [[nodiscard]] std::string_view form() const noexcept override { return "dsse"; }
  [[nodiscard]] Result<SignatureData> sign(std::string_view statement) override {
    SignatureData made;
    SG_TRY(made.data, make_envelope(statement, key_));
    return made;
  }

 private:
  SigningKey key_;
};

}  // namespace

std::unique_ptr<Signer> make_key_signer(SigningKey key) {
  return std::make_unique<KeySigner>(std::move(key));
}

}  // namespace sifguard
