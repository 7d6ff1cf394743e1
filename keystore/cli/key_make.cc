// Making a key pair for the keystore, and files to hand on. Runs with the rights of the admin.
#include "keystore/cli/key_make.h"

#include <algorithm>
#include <optional>

#include "keystore/base/fd.h"
#include "keystore/base/in_place.h"
#include "keystore/base/text.h"
#include "keystore/cli/key_output.h"
#include "keystore/cli/output_file.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/pfx.h"

namespace sifguard {
namespace {

constexpr const char* kSpki = ".pem";
constexpr const char* kPkcs1 = ".pkcs1.pem";
constexpr const char* kPfx = ".pfx";

struct Made {
  RsaPrivateKey key;
  Certificate certificate;
};

Result<Made> make_pair(int bits, const std::string& name) {
  SG_TRY(RsaPrivateKey key, RsaPrivateKey::generate(bits));
  SG_TRY(Certificate certificate, make_certificate(key, name));
  return Made{std::move(key), std::move(certificate)};
}

/// The key is in the keystore last: files without it are of a run that was interrupted, or of
/// another key. Taken in by itself it would replace no other: then it is made again.
Status check_no_file(const std::string& path, const std::string& prefix, const std::string& name,
                     bool replaces) {
  const Status absent = check_absent(path);
  if (absent) return absent;
  return fail(
      Code::exists, path + " exists already",
      "give --force to overwrite it" +
          (replaces ? std::string(", also where an interrupted run left it")
                    : "; if an interrupted run left it, sifctl key import " + prefix + kPfx +
                          " --name " + name + " finishes that, and sifctl key export-public " +
                          name + " writes what is missing of the others"));
}

Result<std::vector<OutputFile>> stage_files(const std::string& prefix, bool force, const Made& made,
                                            const std::string& name, const SecretBytes& password) {
  SG_TRY(const RsaPublicKey half, made.key.public_key());
  SG_TRY(const std::string spki, half.spki_pem());
  SG_TRY(const std::string pkcs1, half.pkcs1_pem());
  SG_TRY(const auto pfx, write_pfx(made.key, *made.certificate, password, name));
  std::vector<OutputFile> files;
  const auto add = [&](const char* suffix, std::span<const std::byte> content,
                       mode_t mode) -> Status {
    SG_TRY(OutputFile file, OutputFile::stage(prefix + suffix, content, mode, force));
    files.push_back(std::move(file));
    return {};
  };
  SG_CHECK(add(kSpki, as_bytes(spki), 0644));
  SG_CHECK(add(kPkcs1, as_bytes(pkcs1), 0644));
  SG_CHECK(add(kPfx, pfx, 0600));
  return files;
}

}  // namespace

void KeyMaker::offer(CLI::App* command) {
  auto* prefix = command->add_option("--file-prefix", prefix_,
                                     "Write P.pem, P.pkcs1.pem (public) and P.pfx (with password)");
  prefix->type_name("P");
  for (auto* option : password_.offer(command, "--pfx-password")) option->needs(prefix);
  command->add_flag("--force", force_, "Overwrite these files")->needs(prefix);
}

Status KeyMaker::check_early(const Keystore& keystore) const {
  if (!is_name(name)) {
    return fail(Code::usage, "not a usable name for a key: '" + name + "'",
                "use 1 to 64 of A-Z a-z 0-9 . _ -, not starting with . or -");
  }
  SG_TRY(const auto keys, keystore.keys());
  if (std::any_of(keys.begin(), keys.end(),
                  [&](const KeyRecord& key) { return key.name == name; })) {
    return fail(Code::exists, "the keystore has a key named '" + name + "' already",
                "choose another name");
  }
  if (prefix_.empty() || force_) return {};
  for (const char* suffix : {kSpki, kPkcs1, kPfx}) {
    SG_CHECK(check_no_file(prefix_ + suffix, prefix_, name, !predecessor.empty()));
  }
  return {};
}

Status KeyMaker::make(const Session& session, Keystore& keystore) const {
  std::optional<SecretBytes> password;
  if (!prefix_.empty()) {
    SG_TRY(password, password_.read_new(prefix_ + kPfx));
    SG_CHECK(check_pfx_password(*password));  // now, not after the key is made
  }
  session.progress("making a key of " + std::to_string(bits) + " bits, which takes a while");
  SG_TRY(const Made made, make_pair(bits, name));
  std::vector<OutputFile> files;
  if (password) {
    SG_TRY(files, stage_files(prefix_, force_, made, name, *password));
  }
  // The PFX first: with it what a crash interrupts can be finished.
  for (auto file = files.rbegin(); file != files.rend(); ++file) SG_CHECK(file->publish());
  const auto added =
      keystore.add_key({name, &made.key, nullptr, made.certificate.get(), predecessor});
  // Of a key that is there, the files are, too, whatever went wrong after it.
  if (added || is_in_place(added.error())) {
    for (auto& file : files) file.keep();
  }
  if (!added) return tl::unexpected(added.error());
  SG_CHECK(show_key(session, keystore, added->record));
  if (!files.empty()) {
    session.print_fields({{"public key", files[0].path()},
                          {"as PKCS#1", files[1].path()},
                          {"PFX", files[2].path()}});
  }
  return {};
}

}  // namespace sifguard
