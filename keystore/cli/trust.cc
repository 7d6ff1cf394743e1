// sifctl trust add-root|add-intermediate|add-crl|list: what X.509 signers are judged by.
// Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <time.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/contains.h"
#include "keystore/base/fd.h"
#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/cli/session.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/pem.h"
#include "keystore/crypto/pem_form.h"
#include "keystore/store/trust_sources.h"
#include "keystore/store/trust_store.h"
#include "keystore/trust/authorities.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/certificate_path.h"
#include "keystore/x509/strength.h"
#include "keystore/x509/trust_file.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShownDigits = 16;
constexpr std::size_t kMaxLists = 64;

/// The lists of a file: PEM, one or more (of a CA with an intermediate, say), or one in DER.
Result<std::vector<std::string>> split_lists(const std::string& text) {
  if (!is_pem(text)) return std::vector{text};
  SG_TRY(const auto blocks, read_pem_of(text, "X509 CRL", kMaxLists));
  std::vector<std::string> lists;
  for (const auto& der : blocks) lists.emplace_back(as_text(der));
  return lists;
}

struct ReadFile {
  std::vector<TrustFile> items;            ///< what the file becomes in the keystore
  std::vector<std::string> left_out = {};  ///< what of it does not, a sentence each
  std::vector<std::string> known = {};     ///< names of `items` that the keystore has already
};

/// The file's lists, of each series (accepted_list.h) the newest: a file may hold all that a CA
/// ever published, in any order.
Result<ReadFile> newest_lists(const std::string& path, const std::string& text,
                              const std::vector<Certificate>& authorities) {
  auto lists = split_lists(text);
  if (!lists) {
    Error error = name_file_kind(std::move(lists).error(), text, WantedFile::crl);
    return tl::unexpected(std::move(error).prepend(path));
  }
  const std::int64_t now = ::time(nullptr);
  ReadFile newest;
  for (const std::string& list : *lists) {
    auto accepted = accept_revocation_list(list, authorities, now);
    if (!accepted) {
      Error error = name_file_kind(std::move(accepted).error(), list, WantedFile::crl);
      return tl::unexpected(std::move(error).prepend(path));
    }
    auto& items = newest.items;
    const auto other = std::find_if(items.begin(), items.end(), [&](const TrustFile& one) {
      return one.name == accepted->name;
    });
    if (other == items.end()) {
      items.push_back(*std::move(accepted));
      continue;
    }
    if (why_not_newer(*accepted, *other, now).empty()) std::swap(*other, *accepted);
    if (other->pem == accepted->pem) continue;
    newest.left_out.push_back("an older list of '" + other->subject + "' in " + path + ", of " +
                              format_utc(accepted->from) + ", is left out");
  }
  return newest;
}

/// What the file's lists become in the keystore. An older list must not take the place of a newer
/// one: that would undo revocations. Wants the keystore's lock held.
Result<ReadFile> read_lists(const Keystore& keystore, const std::string& path,
                            const std::string& text) {
  SG_TRY(const auto authorities, known_authorities(keystore));
  SG_TRY(const auto items, trust_items(keystore, TrustKind::crl));
  const auto stored = usable_lists(items, authorities);
  SG_TRY(ReadFile read, newest_lists(path, text, authorities));
  for (TrustFile& file : read.items) {
    const StoredList* const known = find_series(stored, file.name);
    if (known == nullptr) continue;
    const std::string why = why_not_newer(file, known->list, ::time(nullptr));
    if (!why.empty()) {
      return fail(Code::refused,
                  "the keystore has a newer revocation list of '" + file.subject + "': that in " +
                      path + " " + why,
                  "if the one that is there is wrong, remove it first: sifctl trust remove " +
                      known->name.substr(0, kShownDigits));
    }
    file.name = known->name;
    read.known.push_back(known->name);
  }
  return read;
}

/// No launch takes a chain through a weak one.
Status check_strong(const std::string& path, const TrustFile& file) {
  SG_TRY(const Certificate certificate, parse_one_certificate(file.pem));
  if (is_strong_key(X509_get0_pubkey(certificate.get()))) return {};
  return fail(Code::refused, path + ": the key of '" + file.subject + "' is too weak",
              "use a CA with RSA of 2048 bits or more and the exponent 65537, P-256, P-384 or "
              "Ed25519");
}

Result<ReadFile> read_authorities(TrustKind kind, const std::string& path,
                                  const std::string& text) {
  auto files = read_ca_certificates(text, kind == TrustKind::root);
  if (files) {
    for (const TrustFile& file : *files) SG_CHECK(check_strong(path, file));
    return ReadFile{*std::move(files)};
  }
  Error error = name_file_kind(std::move(files).error(), text, WantedFile::authority);
  return tl::unexpected(std::move(error).prepend(path));
}

/// What no launch will make of it, whatever else is added.
void note_limits(const Session& session, TrustKind kind, const TrustFile& file) {
  if (file.until <= ::time(nullptr)) {
    session.note("'" + file.subject + "' ended on " + format_utc(file.until) +
                 (kind == TrustKind::crl ? ": it proves nothing but what it revokes"
                                         : ": nothing will be accepted by it"));
  }
  if (!file.shown_scope.empty()) {
    session.note("the list is " + file.shown_scope + ": for others of '" + file.subject +
                 "' it proves nothing");
  }
}

std::string state_of(const TrustFile& file, std::int64_t now) {
  if (file.until <= now) return "ended";
  if (file.from > now + kClockSkew) return "not yet valid";
  return file.shown_scope.empty() ? "valid" : "partial";
}

/// With what a list is for, if not for all of its CA's.
std::string shown_subject(const TrustFile& file) {
  return file.shown_scope.empty() ? file.subject : file.subject + " (" + file.shown_scope + ")";
}

/// "root 1f3a... CN=Root".
std::string shown_item(TrustKind kind, const TrustFile& file) {
  return std::string(trust_kind_name(kind)) + " " + file.name.substr(0, kShownDigits) + " " +
         one_line(file.subject, 300);
}

/// As it was when it was fetched: nothing that a server sent is parsed here.
Result<TrustFile> response_of(const std::vector<FetchedRecord>& records, const std::string& name) {
  for (const FetchedRecord& record : records) {
    if (record.kind != trust_kind_name(TrustKind::response) || record.name != name) continue;
    TrustFile file;
    file.name = name;
    file.subject = record.subject;
    file.from = record.from;
    file.until = record.until;
    return file;
  }
  return fail(Code::absent, "not known to have been fetched");
}

/// A file that was put there by hand may be anything: it is shown, and what is wrong with it.
struct Listed {
  TrustKind kind;
  std::string name;
  Result<TrustFile> file;
};

Result<TrustFile> file_of(TrustKind kind, const TrustItem& item,
                          const std::vector<Certificate>& authorities) {
  if (kind == TrustKind::crl) return kept_list(item, authorities);
  SG_TRY(const auto files, read_ca_certificates(item.text, kind == TrustKind::root));
  return files.front();
}

Result<std::vector<Listed>> list_all(const Keystore& keystore) {
  std::vector<Listed> all;
  SG_TRY(const auto records, fetched_records(keystore));
  // Where one is damaged it is shown below, and lists of it are of an unknown CA.
  const auto authorities = known_authorities(keystore).value_or(std::vector<Certificate>());
  for (const TrustKind kind : kTrustKinds) {
    SG_TRY(const auto items, trust_items(keystore, kind));
    for (const TrustItem& item : items) {
      if (kind == TrustKind::response) {
        all.push_back({kind, item.name, response_of(records, item.name)});
        continue;
      }
      all.push_back({kind, item.name, file_of(kind, item, authorities)});
    }
  }
  return all;
}

nlohmann::ordered_json to_json(const Listed& one, std::int64_t now) {
  const auto of_file = [&](const auto& value) {
    return one.file ? Json(value(*one.file)) : Json();
  };
  const bool list = one.kind == TrustKind::crl;
  return {{"kind", trust_kind_name(one.kind)},
          {"id", one.name},
          {"error", one.file ? Json() : Json(one.file.error().what())},
          {"subject", of_file([](const TrustFile& file) { return file.subject; })},
          {"from", of_file([](const TrustFile& file) { return format_utc(file.from); })},
          {"until", of_file([](const TrustFile& file) { return format_utc(file.until); })},
          {"state", of_file([&](const TrustFile& file) { return state_of(file, now); })},
          {"revoked", list ? of_file([](const TrustFile& file) { return file.revoked; }) : Json()},
          {"scope", of_file([](const TrustFile& file) {
             return file.shown_scope.empty() ? Json() : Json(file.shown_scope);
           })}};
}

void tell_added(const Session& session, TrustKind kind, const TrustFile& file, bool known) {
  const std::string shown = shown_item(kind, file);
  if (!known) return session.tell("added", shown);
  session.tell("replaced", shown + " by that of " + format_utc(file.from));
}

Status add(const Session& session, TrustKind kind, const std::string& path) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(std::string raw, read_input_text(path, max_trust_size(kind)));
  const std::string text = pem_form(std::move(raw));
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const ReadFile read, kind == TrustKind::crl ? read_lists(keystore, path, text)
                                                     : read_authorities(kind, path, text));
  for (const std::string& line : read.left_out) session.note(line);
  auto list = nlohmann::ordered_json::array();
  bool changed = false;
  for (const TrustFile& file : read.items) {
    SG_TRY(const auto outcome, put_trust_item(keystore, kind, {file.name, file.pem}));
    list.push_back(to_json({kind, file.name, file}, ::time(nullptr)));
    if (outcome == Keystore::Added::unchanged) {
      session.unchanged(shown_item(kind, file) + " is in the keystore already");
    } else {
      tell_added(session, kind, file, contains(read.known, file.name));
      changed = true;
    }
    note_limits(session, kind, file);
  }
  if (changed) session.mark_changed();
  session.answer("trust-list", std::move(list));
  return {};
}

Status list_trust(const Session& session) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const auto all, list_all(keystore));
  const std::int64_t now = ::time(nullptr);
  auto array = nlohmann::ordered_json::array();
  for (const Listed& one : all) array.push_back(to_json(one, now));
  session.answer("trust-list", std::move(array));
  std::vector<std::vector<std::string>> rows;
  for (const Listed& one : all) {
    std::vector<std::string> row = {std::string(trust_kind_name(one.kind)),
                                    one.name.substr(0, kShownDigits)};
    if (one.file) {
      row.insert(row.end(),
                 {state_of(*one.file, now), format_utc(one.file->until), shown_subject(*one.file)});
    } else {
      row.insert(row.end(), {"unusable", "", one.file.error().what()});
    }
    rows.push_back(std::move(row));
  }
  session.print_table({"KIND", "ID", "STATE", "UNTIL", "SUBJECT"}, rows);
  return {};
}

void add_adder(CLI::App& group, Session& session, TrustKind kind, const char* name,
               const char* what, const char* example) {
  auto* command = group.add_subcommand(name, what);
  command->footer(example);
  const auto file = std::make_shared<std::string>();
  command->add_option("file", *file, "PEM, one or more, or DER")->required()->type_name("FILE");
  Session::offer_dry_run(command);
  // A list takes rights away.
  session.on(kind == TrustKind::crl ? CommandKind::closes : CommandKind::changes, command,
             [&session, kind, file] { return add(session, kind, *file); });
}

}  // namespace

void add_trust_commands(CLI::App& app, Session& session) {
  auto* group = app.add_subcommand("trust", "CAs and revocation data for signers' certificates");
  group->require_subcommand(1);
  group->footer(R"(
Certificates of signers are accepted only while they chain to a root that was added here, and, unless the
node's configuration says otherwise, while a fresh revocation list of each issuer does not name them.
URLs in a certificate are not used by default.)");
  add_adder(*group, session, TrustKind::root, "add-root", "Trust a root CA",
            "\n  sifctl trust add-root root.pem");
  add_adder(*group, session, TrustKind::intermediate, "add-intermediate",
            "Add a CA between signers and a root; not trusted by itself",
            "\n  sifctl trust add-intermediate issuing-ca.pem");
  add_adder(*group, session, TrustKind::crl, "add-crl",
            "Add a revocation list; it replaces an older one of the same CA and scope",
            R"(
The list's CA must have been added before, and have signed the list in a form that launches accept. A list
that is older than the present one, by date or number, is refused: it would undo revocations.
  sifctl trust add-crl crl.pem)");
  add_trust_sources(*group, session);
  add_trust_fetch(*group, session);
  auto* lister = group->add_subcommand("list", "List anchors, intermediates, lists and responses");
  lister->footer("\n  sifctl trust list\n  sifctl trust list --json");
  session.on_read(lister, [&session] { return list_trust(session); });
  add_trust_remove(*group, session);
}

}  // namespace sifguard
