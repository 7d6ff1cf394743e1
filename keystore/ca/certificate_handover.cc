// Certificates on their way to a file. The owner of the keystore, on the CA's host.
#include "keystore/ca/certificate_handover.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "keystore/base/atomic_file.h"
#include "keystore/base/held_signals.h"
#include "keystore/base/in_place.h"
#include "keystore/base/overwrite.h"
#include "keystore/base/rewrite_name.h"
#include "keystore/base/strict_json.h"
#include "keystore/base/text.h"
#include "keystore/base/tree.h"
#include "keystore/ca/authority.h"
#include "keystore/ca/merge.h"
#include "keystore/crypto/digest.h"
#include "keystore/store/authority_store.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

std::string format(const Handover& one) {
  const nlohmann::ordered_json all = {{"certificate", one.certificate},
                                      {"key", one.key},
                                      {"key_digest", one.key_digest},
                                      {"wish", one.request}};
  return all.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<Handover> read_one(const Keystore& keystore, const std::string& serial) {
  SG_TRY(const std::string text, read_handover(keystore, serial));
  StrictObject object = StrictObject::parse(text, "ca/handovers/" + serial);
  Handover one{serial, object.string("certificate"), object.string("key"),
               object.string("key_digest"), object.string("wish")};
  if (const Status whole = object.finish(); !whole) {
    return fail(
        Code::config,
        whole.error().what() + ": the note about a certificate that is being delivered is damaged",
        "see who has the certificate, sifctl ca show " + serial + ", and remove the note: rm " +
            keystore.directory() + "/ca/handovers/" + serial);
  }
  return one;
}

Result<std::vector<Handover>> all_handovers(const Keystore& keystore) {
  SG_TRY(const auto serials, handover_serials(keystore));
  std::vector<Handover> all;
  for (const std::string& serial : serials) {
    SG_TRY(Handover one, read_one(keystore, serial));
    all.push_back(std::move(one));
  }
  return all;
}

UniqueFd open_file(const std::string& path, int flags) {
  UniqueFd fd(::open(path.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat st {};
  return fd.valid() && ::fstat(fd.get(), &st) == 0 && S_ISREG(st.st_mode) ? std::move(fd)
                                                                          : UniqueFd();
}

/// The digest of what a file of keys or certificates holds; "" if there is no such file.
std::string digest_of(const std::string& path) {
  const UniqueFd fd = open_file(path, O_RDONLY);
  if (!fd.valid()) return {};
  const auto content = read_secret(fd.get(), kMaxPem, path);
  if (!content) return {};
  const auto digest = sha256(content->bytes());
  return digest ? to_hex(*digest) : std::string();
}

bool holds(const std::string& path, std::string_view content) {
  const auto digest = sha256(as_bytes(content));
  return digest && digest_of(path) == to_hex(*digest);
}

bool has_key(const Handover& one) {
  return one.key.empty() || digest_of(one.key) == one.key_digest;
}

/// What lies beside an output under another name, half-made.
void remove_half_made(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return;
  const UniqueFd above = open_directory_of_user(path.substr(0, slash + 1));
  if (above.valid()) remove_left_copies(above.get(), path.substr(slash + 1));
}

/// Gives the file that one at `path` replaced, or was to, that name again; false if there is none.
Result<bool> put_back(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return false;
  const UniqueFd above = open_directory_of_user(path.substr(0, slash + 1));
  const std::string name = path.substr(slash + 1);
  const std::string before = above.valid() ? set_aside_before(above.get(), name) : std::string();
  if (before.empty()) return false;
  if (::renameat(above.get(), before.c_str(), above.get(), name.c_str()) != 0) {
    return fail_errno(Code::temporary, "cannot put back " + path, errno);
  }
  SG_CHECK(sync_directory(above.get(), path));
  return true;
}

/// The key that was made goes, and the one that it replaced is put back: true if there was one. It
/// is the only copy of a key in use, so it comes back first.
Result<bool> take_back_key(const Handover& one) {
  struct stat st {};
  const bool made = has_key(one);
  if (one.key.empty() || (!made && ::lstat(one.key.c_str(), &st) == 0)) return false;
  const UniqueFd fd = made ? open_file(one.key, O_WRONLY) : UniqueFd();
  SG_TRY(const bool back, put_back(one.key));
  if (fd.valid()) SG_CHECK(overwrite_file(fd.get(), one.key));
  if (made && !back) ::unlink(one.key.c_str());
  return back;
}

/// Nothing was certified: the key that was made for it goes, and what was prepared.
Status withdraw(const Keystore& keystore, const Handover& one, std::vector<std::string>& lines) {
  for (const std::string& path : {one.key, one.certificate}) remove_half_made(path);
  SG_TRY(const bool back, take_back_key(one));
  if (back) {
    lines.push_back(one.key +
                    " is again what it was before a command that was to replace it: that was "
                    "interrupted and issued no certificate");
  }
  SG_CHECK(remove_ca_certificate(keystore, one.serial));
  return remove_handover(keystore, one.serial);
}

Status take_charge(const Keystore& keystore, const CaIndex& index, const std::string& pem) {
  SG_TRY(AuthorityEntry entry, read_authority(keystore, kIntermediateAuthority));
  SG_TRY(const bool better, is_better_certificate(pem, entry.certificate_pem, index));
  if (!better) return {};
  entry.certificate_pem = pem;
  return write_authority(keystore, entry);
}

tl::unexpected<Error> only_recorded(const IssuedCertificate& record, const RecordOptions& options,
                                    const Error& error) {
  return tl::unexpected(error.reworded(
      "certificate " + record.serial + " is issued and recorded, but " + error.what(),
      options.handover.certificate.empty() ? "get it by sifctl ca show " + record.serial + " --pem"
                                           : "repeat the command, which goes on with it"));
}

std::string line_of(const Handover& one, const IssuedCertificate& record) {
  const std::string name =
      "certificate " + one.serial + " ('" + record.name + "') is recorded, but ";
  if (!has_key(one)) {
    return name + "its command was interrupted, and its key is not in " + one.key +
           ": sifctl ca revoke " + one.serial + " --reason superseded, and issue another";
  }
  return name + "its command was interrupted before it wrote " + one.certificate +
         ": repeat that command, or write it by sifctl ca show " + one.serial + " --pem";
}

/// Whether it still matters: somebody may be without what is recorded as given to him.
Result<bool> is_open(const Keystore& keystore, const Handover& one,
                     const IssuedCertificate& record) {
  if (one.certificate.empty() || record.revoked_at > 0 || record.until <= ::time(nullptr)) {
    return false;
  }
  SG_TRY(const std::string pem, read_ca_certificate(keystore, one.serial));
  return !holds(one.certificate, pem);
}

}  // namespace

Status hand_over(const Keystore& keystore, CaIndex& index, const IssuedCertificate& record,
                 const std::string& pem, const RecordOptions& options) {
  const auto held = HeldSignals::hold();  // ^C comes before all of this or after it
  Handover note = options.handover;
  note.serial = record.serial;
  SG_CHECK(taken_back(write_handover(keystore, note.serial, format(note))));
  Status prepared = options.stage ? options.stage(pem) : Status();
  if (prepared) prepared = write_ca_certificate(keystore, record.serial, pem);
  index.issued.push_back(record);
  const Status recorded = prepared ? save_ca_index(keystore, index) : taken_back(prepared);
  if (!is_made(recorded)) {
    (void)remove_ca_certificate(keystore, record.serial);
    (void)remove_handover(keystore, record.serial);
    return recorded;
  }
  Status handed =
      record.profile == Profile::intermediate ? take_charge(keystore, index, pem) : Status();
  const Status published = options.publish ? options.publish() : Status();
  if (is_made(handed) && !published) handed = published;
  if (!is_made(handed)) return only_recorded(record, options, handed.error());
  SG_CHECK(remove_handover(keystore, record.serial));
  return recorded ? handed : recorded;
}

Result<std::optional<FinishedHandover>> finish_handover(
    const Keystore& keystore, const Handover& like,
    const std::function<Status(const std::string& pem)>& put,
    const std::function<Status()>& check) {
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const auto all, all_handovers(keystore));
  for (const Handover& one : all) {
    if (like.certificate.empty() || one.certificate != like.certificate || one.key != like.key ||
        one.request != like.request || !has_key(one)) {
      continue;
    }
    SG_TRY(const CaIndex index, ca_index(keystore));
    const IssuedCertificate* const record = index.find(one.serial);
    if (record == nullptr || record->revoked_at > 0) continue;  // see settle_handovers()
    if (check) SG_CHECK(check());
    SG_TRY(const std::string pem, read_ca_certificate(keystore, one.serial));
    if (record->profile == Profile::intermediate) SG_CHECK(take_charge(keystore, index, pem));
    if (!holds(one.certificate, pem)) SG_CHECK(put(pem));
    SG_CHECK(remove_handover(keystore, one.serial));
    return std::optional(FinishedHandover{*record, pem});
  }
  return std::optional<FinishedHandover>();
}

Result<std::vector<std::string>> settle_handovers(const Keystore& keystore) {
  SG_TRY(const auto before, handover_serials(keystore));
  std::vector<std::string> lines;
  if (before.empty()) return lines;
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const auto all, all_handovers(keystore));
  SG_TRY(const CaIndex index, ca_index(keystore));
  for (const Handover& one : all) {
    const IssuedCertificate* const record = index.find(one.serial);
    if (record == nullptr) {
      SG_CHECK(withdraw(keystore, one, lines));
      continue;
    }
    SG_TRY(const bool open, is_open(keystore, one, *record));
    if (open) {
      lines.push_back(line_of(one, *record));
    } else {
      SG_CHECK(remove_handover(keystore, one.serial));
    }
  }
  return lines;
}

Result<std::vector<std::string>> open_handovers(const Keystore& keystore) {
  std::vector<std::string> lines;
  SG_TRY(const auto all, all_handovers(keystore));
  if (all.empty()) return lines;
  SG_TRY(const CaIndex index, ca_index(keystore));
  for (const Handover& one : all) {
    const IssuedCertificate* const record = index.find(one.serial);
    if (record == nullptr) continue;  // on its way just now, or the next command withdraws it
    SG_TRY(const bool open, is_open(keystore, one, *record));
    if (open) lines.push_back(line_of(one, *record));
  }
  return lines;
}

Result<std::vector<std::string>> handover_files(const Keystore& keystore) {
  SG_TRY(const auto all, all_handovers(keystore));
  std::vector<std::string> files;
  for (const Handover& one : all) {
    for (const std::string& path : {one.key, one.certificate}) {
      if (!path.empty()) files.push_back(path);
    }
  }
  return files;
}

}  // namespace sifguard
