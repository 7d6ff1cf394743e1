// sifctl signer add: takes in an OpenPGP public key. Runs with the rights of the admin and starts
// gpg on the key file in a private, temporary home.
#include "keystore/cli/signer_add.h"

#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

#include "keystore/base/input_file.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openpgp.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxFile = 1024UL * 1024;
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

struct Minimal {
  OpenPgpKey key;
  std::string armored;
};

Result<Minimal> open_signer(const std::string& data, const std::string& wanted) {
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
  SG_CHECK(check_usable(stored.front()));
  return Minimal{stored.front(), std::move(armored)};
}

Status add(const Session& session, const std::string& file, const std::string& wanted) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const std::string data, read_input_text(file, kMaxFile));
  auto signer = open_signer(data, wanted);
  if (!signer) return tl::unexpected(std::move(signer).error().prepend(file));
  const bool known = keystore.find_signer(signer->key.fingerprint).has_value();
  SG_TRY(const auto outcome, keystore.add_signer(signer->key, signer->armored));
  const bool unchanged = outcome == Keystore::Added::unchanged;
  session.out((unchanged ? "already in the keystore, nothing changed: "
               : known   ? "refreshed "
                         : "added ") +
              signer->key.fingerprint + " " + printable(signer->key.user_id, 200) + "\n");
  return {};
}

}  // namespace

void add_signer_add(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("add", "Take in an OpenPGP public key");
  command->footer(R"(
Compare the fingerprint printed with what the signer tells you by another way. The same key again
refreshes the stored copy (new expiry, new subkeys, a revocation of a subkey).
  gpg --armor --export alice@example.org > alice.asc
  sifctl signer add alice.asc
  sifctl signer add keyring.asc --fingerprint 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84)");
  const auto file = std::make_shared<std::string>();
  const auto wanted = std::make_shared<std::string>();
  command->add_option("file", *file, "Public key, armored or binary")
      ->required()
      ->type_name("FILE");
  command->add_option("--fingerprint", *wanted, "Which key of the file")->type_name("FPR");
  session.on(command, [&session, file, wanted] { return add(session, *file, *wanted); });
}

}  // namespace sifguard
