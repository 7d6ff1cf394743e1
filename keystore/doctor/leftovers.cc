// What interrupted commands left in and beside the keystore, and a CA that lost something. The
// rights of the admin.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "keystore/base/tree.h"
#include "keystore/ca/authority.h"
#include "keystore/doctor/checks.h"
#include "keystore/doctor/left_outputs.h"
#include "keystore/store/authority_store.h"
#include "keystore/store/key_on_its_way.h"
#include "keystore/store/store_files.h"
#include "keystore/store/store_keys.h"
#include "keystore/store/work_directory.h"

namespace sifguard {
namespace {

constexpr const char* kNextWriter = "the next sifctl that changes something there removes it";
constexpr const char* kNextWriterWipes =
    "the next sifctl that changes something there overwrites and removes it";

constexpr const char* kRestoreCa = "bring it back from a backup: sifctl ca restore FILE";

bool is_temporary(const std::string& name) {
  return name.starts_with(".tmp-") || (name.starts_with('.') && name.ends_with(".tmp"));
}

bool is_empty_file(const std::string& path) {
  struct stat st {};
  return ::lstat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0;
}

/// Whether there are private keys in it, whatever it is: then it may be the only copy of one.
bool holds_keys(const std::string& path, int depth = 4) {
  const auto names = list_names(path);
  if (!names) return false;  // a file
  return std::any_of(names->begin(), names->end(), [&](const std::string& name) {
    const std::string inner = path + "/" + name;
    const bool key = name == kPrivate || name == kPlainPrivate;
    return (key && !is_empty_file(inner)) || (depth > 0 && holds_keys(inner, depth - 1));
  });
}

void tell_temporary(const std::string& path, Findings& findings) {
  const bool keys = holds_keys(path);
  findings.warn(path,
                (keys ? "left by an interrupted command, with the private half of a key: "
                      : "left by an interrupted command: ") +
                    path,
                keys ? kNextWriterWipes : kNextWriter);
}

void look(const std::string& directory, Findings& findings, bool below) {
  const auto names = list_names(directory);
  if (!names) return;  // told by check_permissions()
  for (const std::string& name : *names) {
    const std::string path = directory + "/" + name;
    if (is_temporary(name)) {
      tell_temporary(path, findings);
    } else if (name == "private.pem") {
      findings.problem(path, path + " is a private key that is not encrypted",
                       "encrypt all of the keystore with sifctl reseal");
    } else if (below) {
      look(path, findings, false);
    }
  }
}

/// Store keys that seal.json does not name, and a reseal that did not come to its end.
void check_seals(const Examined& examined, Findings& findings) {
  const std::string& directory = examined.plan.directory;
  const auto seals = examined.keystore->seals();
  if (!seals) return;  // told by check_store_key()
  if (seals->size() > 1) {
    findings.warn(
        directory + "/seal.json",
        "a reseal was interrupted: there are " + std::to_string(seals->size()) + " store keys",
        "finish it with sifctl reseal");
  }
  const auto next = announced_seal(examined.keystore->seal_place());
  if (next && seals->size() == 1 && next->where != seals->front().where) {
    findings.warn(
        next->where,
        "a reseal was interrupted before it changed anything: it was to make " + next->where,
        "repeat it: sifctl reseal --seal file:" + next->where);
  }
  const auto names = list_names(directory);
  if (!names) return;
  for (const std::string& name : *names) {
    if (!name.starts_with("store-") || !name.ends_with(".key")) continue;
    const bool used = std::any_of(seals->begin(), seals->end(),
                                  [&](const Seal& seal) { return seal.where == name; });
    if (used) continue;
    const std::string path = directory + "/" + name;
    findings.warn(path, path + " is a store key that encrypts nothing", "sifctl reseal removes it");
  }
}

/// A CA that lost something, or that an init did not finish.
void check_ca(const Examined& examined, Findings& findings) {
  const auto place = ca_place(*examined.keystore);
  if (!place || *place == CaPlace::free) return;
  const Status whole = check_whole(*examined.keystore);
  if (whole) return;
  const Severity severity = *place == CaPlace::unfinished ? Severity::warning : Severity::problem;
  findings.add(severity, examined.plan.directory + "/ca", whole.error(), kRestoreCa);
}

/// Copies of certificates that the index names. What was adopted never had one here.
void check_lost(const Examined& examined, const CaIndex& index, Findings& findings) {
  std::size_t lost = 0;
  std::string first;
  for (const IssuedCertificate& one : index.issued) {
    if (one.name.starts_with(kAdopted) || has_ca_certificate(*examined.keystore, one.serial)) {
      continue;
    }
    if (lost++ == 0) first = one.serial + " ('" + one.name + "')";
  }
  if (lost == 0) return;
  const std::string directory = examined.plan.directory + "/ca/certificates";
  findings.warn(
      directory,
      directory + " lacks " +
          (lost == 1 ? "a certificate that" : std::to_string(lost) + " certificates that") +
          " the CA's index names: " + first + (lost == 1 ? "" : ", …"),
      "bring them back from a backup: sifctl ca restore FILE; until then the CA issues, "
      "revokes and lists, but cannot show them, nor renew one without its file");
}

/// Certificates that the index names and that are not there, and the reverse: it is written last.
void check_certificates(const Examined& examined, Findings& findings) {
  const auto index = ca_index(*examined.keystore);
  if (!index) return;  // there is no CA, or it is damaged, which check_ca() tells
  check_lost(examined, *index, findings);
  const std::string directory = examined.plan.directory + "/ca/certificates";
  const auto names = list_names(directory);
  if (!names) return;
  for (const std::string& name : *names) {
    if (is_temporary(name) || index->knows(name)) continue;
    const std::string path = directory + "/" + name;
    findings.warn(path,
                  path +
                      " is a certificate that the CA's index does not know: issuing it was "
                      "interrupted, or the index is older",
                  "if anybody has it, take it into the index with sifctl ca revoke " + path +
                      " --reason superseded; otherwise rm " + path);
  }
}

void check_handovers(const Examined& examined, Findings& findings) {
  const auto lines = open_handovers(*examined.keystore);
  if (!lines) {
    if (check_whole(*examined.keystore)) {
      findings.add(Severity::warning, examined.plan.directory + "/ca/handovers", lines.error(),
                   kRestoreCa);
    }
    return;  // there is no CA, or it is damaged
  }
  for (const std::string& line : *lines) {
    const std::size_t colon = line.find(": ");
    findings.warn(examined.plan.directory + "/ca/handovers", line.substr(0, colon),
                  line.substr(colon + 2));
  }
}

void check_keys_on_their_way(const Examined& examined, Findings& findings) {
  for (const KeyOnItsWay& key : noted_keys(*examined.keystore)) {
    const std::string path = key.prefix + ".pfx";
    if (::access(path.c_str(), F_OK) != 0 || examined.keystore->find_key(key.id)) continue;
    findings.warn(path,
                  path + " holds the key '" + key.name +
                      "', which was not put into the keystore: its command was interrupted",
                  "repeat that command, or remove the file: shred -u " + path);
  }
}

constexpr const char* kCompare =
    "it holds private keys, perhaps the only copy of some: compare it with the keystore (sifctl "
    "--keystore PATH key list), then move it to where backups are";

constexpr const char* kBeforeRestore = ".before-restore";

bool is_copy_of(const UniqueFd& fd, const std::string& directory) {
  const UniqueFd other = open_directory(directory);
  return fd.valid() && other.valid() && is_linked_copy(fd.get(), other.get());
}

/// What to do about `path`, by what is in it.
std::string advice_for(const std::string& path, const std::string& keystore) {
  const UniqueFd fd = open_directory(path);
  if (fd.valid() && holds_nothing(fd.get())) return "there is nothing in it: rm -r " + path;
  if (is_copy_of(fd, keystore)) {
    return "it has nothing but second names of the keystore's own files: the next sifctl restore "
           "removes it";
  }
  const std::string kept = keystore + kBeforeRestore;
  if (path != kept && is_copy_of(fd, kept)) {
    return "it has nothing but second names of the files in " + kept +
           ": the next sifctl restore removes it";
  }
  return holds_keys(path) ? kCompare
                          : "it holds no private keys; when nothing of it is missed: rm -r " + path;
}

bool is_named(const std::string& path, const char* prefix) {
  return path.find(std::string("/") + prefix) != std::string::npos;
}

void tell_unfinished(const std::string& path, const std::string& keystore, Findings& findings) {
  if (is_worked_in(path)) return;
  const UniqueFd fd = open_directory(path);
  if (is_named(path, kUnfinishedRestore) && fd.valid() && is_marked_unfinished(fd.get())) {
    findings.warn(
        path,
        path +
            " is what an interrupted sifctl restore was making of a backup; it never was "
            "the keystore",
        "repeat that restore, which removes it: all that is in it is in the backup, or in "
        "the keystore");
    return;
  }
  if (is_named(path, kUnfinishedInit) && fd.valid() && is_new_keystore(fd.get())) {
    findings.warn(path,
                  path +
                      " was left by an interrupted sifctl init: a new keystore, and a store key "
                      "that encrypts nothing",
                  "the next sifctl init beside it overwrites and removes it: sifctl --keystore " +
                      keystore + " init");
    return;
  }
  findings.warn(path, "left by an interrupted command: " + path, advice_for(path, keystore));
}

/// What init, restore and import make beside the keystore.
void look_beside(const std::string& keystore, Findings& findings) {
  const std::size_t slash = keystore.rfind('/');
  const std::string above = slash == 0 ? "/" : keystore.substr(0, slash);
  const auto names = list_names(above);
  if (!names) return;
  for (const std::string& name : *names) {
    const std::string path = (slash == 0 ? "" : above) + "/" + name;
    if (name.starts_with(kUnfinishedInit) || name.starts_with(kUnfinishedImport) ||
        name.starts_with(kUnfinishedRestore)) {
      tell_unfinished(path, keystore, findings);
    } else if (path == keystore + kBeforeRestore) {
      findings.warn(path, path + " is the keystore from before a restore",
                    advice_for(path, keystore));
    } else if (path.starts_with(keystore + ".unfinished-ca-") ||
               path.starts_with(keystore + ".damaged-")) {
      findings.warn(path, path + " was set aside: what a CA had before another was put there",
                    advice_for(path, keystore));
    }
  }
}

}  // namespace

void check_leftovers(const Examined& examined, Findings& findings) {
  if (!examined.keystore) return;
  const std::string& directory = examined.plan.directory;
  for (const char* inner :
       {"/keys", "/signers", "/image-signers", "/trust", "/own", "/ca", "/bundle-signers"}) {
    look(directory + inner, findings, true);
  }
  look(directory, findings, false);
  check_seals(examined, findings);
  check_ca(examined, findings);
  check_certificates(examined, findings);
  check_handovers(examined, findings);
  check_keys_on_their_way(examined, findings);
  look_beside(directory, findings);
  check_left_outputs(examined, findings);
}

}  // namespace sifguard
