// Making a key pair for the keystore, and files to hand on. Runs with the rights of the admin.
#include "keystore/cli/key_make.h"

#include <sys/stat.h>

#include <algorithm>

#include "keystore/base/absolute_path.h"
#include "keystore/base/in_place.h"
#include "keystore/base/text.h"
#include "keystore/cli/key_output.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/pfx.h"

namespace sifguard {
namespace {

Result<KeyPair> make_pair(int bits, const std::string& name) {
  SG_TRY(RsaPrivateKey key, RsaPrivateKey::generate(bits));
  SG_TRY(Certificate certificate, make_certificate(key, name));
  return KeyPair{std::move(key), std::move(certificate)};
}

/// Files that no note tells of (key_on_its_way.h) are of another keystore or an older sifguard.
/// Taken in by itself the key would replace no other: then it is made again.
Status check_no_file(const std::string& path, const std::string& prefix, const std::string& name,
                     bool replaces) {
  const Status absent = check_absent(path);
  if (absent) return absent;
  return fail(
      Code::exists, path + " exists already",
      "give --force to overwrite it" +
          (replaces ? std::string(", also where an interrupted run left it")
                    : "; if an interrupted run left it, sifctl key import " + prefix + kPfxSuffix +
                          " --name " + name + " finishes that, and sifctl key export-public " +
                          name + " writes what is missing of the others"));
}

Status check_bits(const KeyPair& left, int bits, const std::string& prefix) {
  if (left.key.bits() == bits) return {};
  return fail(Code::exists,
              prefix + kPfxSuffix + " is of an interrupted run that made a key of " +
                  std::to_string(left.key.bits()) + " bits",
              "repeat that one, or give --force to make a new key and overwrite it");
}

void show_files(const Session& session, const std::string& prefix) {
  session.print_fields({{"public key", prefix + kKeySuffixes[0]},
                        {"as PKCS#1", prefix + kKeySuffixes[1]},
                        {"PFX", prefix + kKeySuffixes[2]}});
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
  const auto left = interrupted(keystore);
  SG_TRY(const auto keys, keystore.keys());
  if (std::any_of(keys.begin(), keys.end(), [&](const KeyRecord& key) {
        return key.name == name && !(left && left->id == key.id);
      })) {
    return fail(Code::exists, "the keystore has a key named '" + name + "' already",
                "choose another name");
  }
  if (prefix_.empty() || force_ || left) return {};
  for (const char* suffix : kKeySuffixes) {
    SG_CHECK(check_no_file(prefix_ + suffix, prefix_, name, !predecessor.empty()));
  }
  return {};
}

/// The note of a run with this prefix that has put the private half of the key `named` into its
/// file.
std::optional<KeyOnItsWay> KeyMaker::left_of(const Keystore& keystore,
                                             const std::string& named) const {
  if (prefix_.empty()) return std::nullopt;
  auto noted = noted_key(keystore, named);
  const auto prefix = absolute_path(prefix_);
  struct stat st {};
  const bool is_ours = noted && prefix && noted->prefix == *prefix &&
                       ::lstat((prefix_ + kPfxSuffix).c_str(), &st) == 0 && st.st_size > 0;
  return is_ours ? std::move(noted) : std::nullopt;
}

bool KeyMaker::was_making(const Keystore& keystore, const KeyRecord& key) const {
  const auto left = left_of(keystore, key.name);
  return left && left->id == key.id;
}

/// What is to be gone on with. With --force another key is made, unless that one is in the keystore
/// by now.
std::optional<KeyOnItsWay> KeyMaker::interrupted(const Keystore& keystore) const {
  auto left = left_of(keystore, name);
  return left && force_ && !keystore.find_key(left->id) ? std::nullopt : std::move(left);
}

Result<KeyPair> KeyMaker::pair_for(const Session& session) const {
  session.progress("making a key of " + std::to_string(bits) + " bits, which takes a while");
  return make_pair(bits, name);
}

Result<SecretBytes> KeyMaker::read_password() const {
  SG_TRY(SecretBytes password, password_.read_new(prefix_ + kPfxSuffix));
  SG_CHECK(check_pfx_password(password));
  return password;
}

Result<KeyPair> KeyMaker::reopen(const KeyOnItsWay& left, const SecretBytes& password) const {
  SG_TRY(KeyPair made, reopen_key_files(prefix_, left.id, password));
  SG_CHECK(check_bits(made, bits, prefix_));
  return made;
}

Result<std::optional<KeyPair>> KeyMaker::try_out(const Keystore& keystore) const {
  if (prefix_.empty()) return std::nullopt;
  SG_TRY(const SecretBytes password, read_password());
  const auto left = interrupted(keystore);
  if (!left) {
    SG_CHECK(try_key_files(prefix_, force_));
    return std::nullopt;
  }
  SG_TRY(KeyPair made, reopen(*left, password));
  SG_TRY(const RsaPublicKey half, made.key.public_key());
  SG_TRY(const auto staged, stage_missing_key_files(prefix_, half));  // they could be written
  return std::optional(std::move(made));
}

Status KeyMaker::make_with_files(const Session& session, Keystore& keystore) const {
  SG_TRY(const SecretBytes password, read_password());
  const auto left = interrupted(keystore);
  if (left) return go_on(session, keystore, *left, password);
  SG_CHECK(try_key_files(prefix_, force_));  // before a key is made, which takes long
  SG_TRY(const KeyPair made, pair_for(session));
  SG_TRY(auto files, stage_key_files(prefix_, made, name, password, force_));
  SG_TRY(const RsaPublicKey half, made.key.public_key());
  SG_TRY(const std::string id, half.id());
  SG_TRY(const std::string prefix, absolute_path(prefix_));
  SG_CHECK(note_key(keystore, {name, id, prefix}));
  const Status done = finish(session, keystore, made, files);
  if (!done && !is_in_place(done.error())) files.clear();  // taken back: the note tells of nothing
  forget_key(keystore, name);
  return done;
}

Status KeyMaker::go_on(const Session& session, Keystore& keystore, const KeyOnItsWay& left,
                       const SecretBytes& password) const {
  SG_TRY(const KeyPair made, reopen(left, password));
  SG_TRY(const RsaPublicKey half, made.key.public_key());
  SG_TRY(auto files, stage_missing_key_files(prefix_, half));
  SG_CHECK(finish(session, keystore, made, files));
  forget_key(keystore, name);
  session.note("an interrupted run had made this key: it is finished");
  return {};
}

Result<KeyRecord> KeyMaker::store(Keystore& keystore, const KeyPair& made) const {
  SG_TRY(auto added,
         keystore.add_key({name, &made.key, nullptr, made.certificate.get(), predecessor}));
  return std::move(added.record);
}

Result<KeyRecord> KeyMaker::make_alone(const Session& session, Keystore& keystore) const {
  SG_TRY(const KeyPair made, pair_for(session));
  return store(keystore, made);
}

Status KeyMaker::finish(const Session& session, Keystore& keystore, const KeyPair& made,
                        std::vector<OutputFile>& files) const {
  for (auto file = files.rbegin(); file != files.rend(); ++file) SG_CHECK(file->publish());
  const auto added = store(keystore, made);
  // Of a key that is there, the files are, too, whatever went wrong after it.
  if (added || is_in_place(added.error())) {
    for (auto& file : files) file.keep();
  }
  if (!added) return tl::unexpected(added.error());
  SG_CHECK(show_key(session, keystore, *added));
  if (!prefix_.empty()) show_files(session, prefix_);
  return {};
}

Status KeyMaker::make(const Session& session, Keystore& keystore) const {
  if (!prefix_.empty()) return make_with_files(session, keystore);
  SG_TRY(const KeyRecord made, make_alone(session, keystore));
  return show_key(session, keystore, made);
}

}  // namespace sifguard
