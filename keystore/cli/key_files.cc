// The files of a key that is handed on. Runs with the rights of the admin.
#include "keystore/cli/key_files.h"

#include <sys/stat.h>

#include "keystore/base/input_file.h"
#include "keystore/base/text.h"
#include "keystore/crypto/pfx.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

using PublicFiles = std::array<std::string, 2>;  // as the first of kKeySuffixes

Result<PublicFiles> public_files(const RsaPublicKey& half) {
  SG_TRY(std::string spki, half.spki_pem());
  SG_TRY(std::string pkcs1, half.pkcs1_pem());
  return PublicFiles{std::move(spki), std::move(pkcs1)};
}

tl::unexpected<Error> of_another_key(const std::string& path) {
  return fail(Code::exists, path + " exists already, and is of another key",
              "choose another prefix, or give --force to make a new key and overwrite it");
}

Result<bool> is_there(const std::string& path, const std::string& content) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0 && errno == ENOENT) return false;
  SG_TRY(const std::string found, read_input_text(path, kMaxPem));
  if (found != content) return of_another_key(path);
  return true;
}

}  // namespace

Result<std::vector<OutputFile>> stage_key_files(const std::string& prefix, const KeyPair& made,
                                                const std::string& name,
                                                const SecretBytes& password, bool overwrite) {
  SG_TRY(const RsaPublicKey half, made.key.public_key());
  SG_TRY(const PublicFiles open, public_files(half));
  SG_TRY(const auto pfx, write_pfx(made.key, *made.certificate, password, name));
  std::vector<OutputFile> files;
  const auto add = [&](std::size_t which, std::span<const std::byte> content,
                       mode_t mode) -> Status {
    SG_TRY(OutputFile file,
           OutputFile::stage(prefix + kKeySuffixes.at(which), content, mode, overwrite));
    files.push_back(std::move(file));
    return {};
  };
  SG_CHECK(add(0, as_bytes(open[0]), 0644));
  SG_CHECK(add(1, as_bytes(open[1]), 0644));
  SG_CHECK(add(2, pfx, 0600));
  return files;
}

Status try_key_files(const std::string& prefix, bool overwrite) {
  for (const char* suffix : kKeySuffixes) {
    SG_CHECK(OutputFile::try_out(prefix + suffix, overwrite));
  }
  return {};
}

Result<std::vector<OutputFile>> stage_missing_key_files(const std::string& prefix,
                                                        const RsaPublicKey& half) {
  SG_TRY(const PublicFiles open, public_files(half));
  std::vector<OutputFile> files;
  for (std::size_t which = 0; which < open.size(); ++which) {
    const std::string path = prefix + kKeySuffixes.at(which);
    SG_TRY(const bool there, is_there(path, open.at(which)));
    if (there) continue;
    SG_TRY(OutputFile file, OutputFile::stage(path, as_bytes(open.at(which)), 0644, false));
    files.push_back(std::move(file));
  }
  return files;
}

Result<KeyPair> reopen_key_files(const std::string& prefix, const std::string& id,
                                 const SecretBytes& password) {
  const std::string path = prefix + kPfxSuffix;
  SG_TRY(const SecretBytes der, read_input_secret(path, kMaxPem));
  auto opened = read_pfx(der.bytes(), password);
  if (!opened) {
    const Error error = std::move(opened).error().prepend(path);
    return tl::unexpected(error.reworded(
        error.what(),
        "an interrupted run left it: give the password of then, or --force to make a "
        "new key and overwrite it"));
  }
  SG_TRY(const RsaPublicKey half, opened->key.public_key());
  SG_TRY(const std::string found, half.id());
  if (found != id || !opened->certificate) return of_another_key(path);
  return KeyPair{std::move(opened->key), std::move(opened->certificate)};
}

}  // namespace sifguard
