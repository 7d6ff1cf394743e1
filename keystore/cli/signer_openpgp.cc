// `sifctl signer add` of an OpenPGP key. Runs with the rights of the admin and starts gpg on the
// key file in a private, temporary home.
#include "keystore/cli/signer_openpgp.h"

#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "keystore/base/text.h"
#include "keystore/crypto/openpgp.h"

namespace sifguard {
namespace {

constexpr int kMinRsaBits = 2048;

/// A private directory that goes with its owner.
class TemporaryHome {
 public:
  [[nodiscard]] static Result<TemporaryHome> make() {
    std::error_code error;
    const auto above = std::filesystem::temp_directory_path(error);
    std::string path = (error ? "/tmp" : above.string()) + "/sifctl-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) {
      return fail_errno(Code::temporary, "cannot make a temporary directory " + path, errno);
    }
    return TemporaryHome(std::move(path));
  }
  TemporaryHome(TemporaryHome&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryHome& operator=(TemporaryHome&&) = delete;
  TemporaryHome(const TemporaryHome&) = delete;
  TemporaryHome& operator=(const TemporaryHome&) = delete;
  ~TemporaryHome() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  explicit TemporaryHome(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

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
    return fail(Code::usage, "the file holds no key with the primary fingerprint " + fingerprint);
  }
  return *found;
}

/// "rsa1024" and "dsa2048" sign nothing that verification would accept.
bool is_weak(std::string_view algorithm) {
  if (algorithm.starts_with("dsa")) return true;
  if (!algorithm.starts_with("rsa")) return false;
  int bits = 0;
  std::from_chars(algorithm.data() + 3, algorithm.data() + algorithm.size(), bits);
  return bits < kMinRsaBits;
}

Status check_usable(const OpenPgpKey& key) {
  const std::string shown = "the key " + key.fingerprint;
  if (key.secret) {
    return fail(Code::refused, "the file holds the secret half of " + shown.substr(4),
                "keep it to yourself and give: gpg --armor --export " + key.fingerprint);
  }
  if (key.revoked) return fail(Code::refused, shown + " is revoked");
  if (key.expired) {
    return fail(Code::refused, shown + " expired on " + format_utc(key.expires),
                "get the renewed key from its owner");
  }
  if (is_weak(key.algorithm)) {
    return fail(Code::refused, shown + " is too weak (" + key.algorithm + ")",
                "ask its owner for RSA of 2048 bits or more, or Ed25519");
  }
  return {};
}

}  // namespace

Result<NewSigner> read_openpgp_signer(const std::string& data, const std::string& wanted) {
  SG_TRY(const TemporaryHome home, TemporaryHome::make());
  SG_TRY(OpenPgpSession session, OpenPgpSession::open(home.path()));
  SG_TRY(const auto keys, session.inspect(data));
  SG_TRY(const OpenPgpKey chosen, choose(keys, wanted));
  SG_CHECK(check_usable(chosen));
  SG_CHECK(session.import(data));
  SG_TRY(std::string armored, session.export_armored(chosen.fingerprint));
  // Described by what is stored, after gpg has merged and cleaned it.
  SG_TRY(const auto stored, session.inspect(armored));
  if (stored.size() != 1) return fail(Code::internal, "gpg exported more than one key");
  const OpenPgpKey& key = stored.front();
  SG_CHECK(check_usable(key));
  return NewSigner{SignerRecord{key.fingerprint,
                                key.user_id,
                                key.algorithm,
                                key.created,
                                key.expires,
                                0,
                                {key.fingerprint}},
                   std::move(armored)};
}

}  // namespace sifguard
