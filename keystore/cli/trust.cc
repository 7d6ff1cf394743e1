// sifctl trust add-root|add-intermediate|add-crl|list|remove: what X.509 signers are judged by.
// Runs with the rights of the admin.
#include "keystore/cli/trust.h"

#include <time.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/fd.h"
#include "keystore/base/input_file.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/cli/trust_fetch.h"
#include "keystore/crypto/pem.h"
#include "keystore/store/trust_sources.h"
#include "keystore/store/trust_store.h"
#include "keystore/x509/trust_file.h"

namespace sifguard {
namespace {

constexpr std::size_t kShownDigits = 16;
constexpr std::size_t kMinPrefix = 8;
constexpr std::size_t kMaxLists = 64;

Result<std::vector<TrustFile>> read_files(TrustKind kind, const std::string& text) {
  if (kind != TrustKind::crl) return read_ca_certificates(text, kind == TrustKind::root);
  std::vector<TrustFile> files;
  std::vector<std::string> lists = {text};
  if (is_pem(text)) {  // of a CA with an intermediate, say
    SG_TRY(const auto blocks, read_pem_of(text, "X509 CRL", kMaxLists));
    lists.clear();
    for (const auto& der : blocks) lists.emplace_back(as_text(der));
  }
  for (const std::string& list : lists) {
    SG_TRY(TrustFile file, read_revocation_list(list));
    files.push_back(std::move(file));
  }
  return files;
}

/// An older list must not take the place of a newer one: that would undo revocations.
Status check_newer(const Keystore& keystore, const TrustFile& list) {
  SG_TRY(const auto items, trust_items(keystore, TrustKind::crl));
  for (const TrustItem& item : items) {
    if (item.name != list.name) continue;
    const auto stored = read_revocation_list(item.text);
    if (stored && is_older_list(list, *stored)) {
      return fail(Code::refused,
                  "the keystore has a newer revocation list of '" + list.subject + "', of " +
                      format_utc(stored->from) +
                      (stored->from == list.from ? ", with a higher number" : ""),
                  "remove that one first if it is wrong");
    }
  }
  return {};
}

Status add(const Session& session, TrustKind kind, const std::string& path) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const std::string text, read_input_text(path, max_trust_size(kind)));
  auto files = read_files(kind, text);
  if (!files) return tl::unexpected(std::move(files).error().prepend(path));
  for (const TrustFile& file : *files) {
    if (kind == TrustKind::crl) SG_CHECK(check_newer(keystore, file));
  }
  for (const TrustFile& file : *files) {
    SG_TRY(const auto outcome, add_trust_item(keystore, kind, {file.name, file.pem}));
    const bool unchanged = outcome == Keystore::Added::unchanged;
    session.out((unchanged ? "already in the keystore, nothing changed: " : "added ") +
                std::string(trust_kind_name(kind)) + " " + file.name.substr(0, kShownDigits) + " " +
                one_line(file.subject, 300) + "\n");
    if (file.until <= ::time(nullptr)) {
      session.note("'" + file.subject + "' ended on " + format_utc(file.until) +
                   ": nothing will be accepted by it");
    }
  }
  return {};
}

std::string state_of(const TrustFile& file, std::int64_t now) {
  if (file.until <= now) return "ended";
  return file.from > now ? "not yet valid" : "valid";
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
  return fail(Code::config, "not known to have been fetched");
}

/// A file that was put there by hand may be anything: it is shown, and what is wrong with it.
struct Listed {
  TrustKind kind;
  std::string name;
  Result<TrustFile> file;
};

Result<std::vector<Listed>> list_all(const Keystore& keystore) {
  std::vector<Listed> all;
  SG_TRY(const auto records, fetched_records(keystore));
  for (const TrustKind kind : kTrustKinds) {
    SG_TRY(const auto items, trust_items(keystore, kind));
    for (const TrustItem& item : items) {
      if (kind == TrustKind::response) {
        all.push_back({kind, item.name, response_of(records, item.name)});
        continue;
      }
      auto files = read_files(kind, item.text);
      all.push_back({kind, item.name,
                     files ? Result<TrustFile>(files->front()) : tl::unexpected(files.error())});
    }
  }
  return all;
}

nlohmann::ordered_json to_json(const Listed& one, std::int64_t now) {
  nlohmann::ordered_json value = {{"kind", trust_kind_name(one.kind)}, {"id", one.name}};
  if (!one.file) {
    value["error"] = one.file.error().what();
    return value;
  }
  value["subject"] = one.file->subject;
  value["from"] = format_utc(one.file->from);
  value["until"] = format_utc(one.file->until);
  value["state"] = state_of(*one.file, now);
  if (one.kind == TrustKind::crl) value["revoked"] = one.file->revoked;
  return value;
}

Status list(const Session& session) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const auto all, list_all(keystore));
  const std::int64_t now = ::time(nullptr);
  if (session.json) {
    auto array = nlohmann::ordered_json::array();
    for (const Listed& one : all) array.push_back(to_json(one, now));
    session.print_json(array);
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  for (const Listed& one : all) {
    std::vector<std::string> row = {std::string(trust_kind_name(one.kind)),
                                    one.name.substr(0, kShownDigits)};
    if (one.file) {
      row.insert(row.end(),
                 {state_of(*one.file, now), format_utc(one.file->until), one.file->subject});
    } else {
      row.insert(row.end(), {"unusable", "", one.file.error().what()});
    }
    rows.push_back(std::move(row));
  }
  session.print_table({"KIND", "ID", "STATE", "UNTIL", "SUBJECT"}, rows);
  return {};
}

Status remove(const Session& session, const std::string& prefix) {
  if (prefix.size() < kMinPrefix) {
    return fail(Code::usage, "'" + printable(prefix, 100) + "' is too short an id",
                "give 8 digits or more");
  }
  SG_TRY(const Keystore keystore, session.keystore());
  for (const TrustKind kind : kTrustKinds) {
    SG_TRY(const auto items, trust_items(keystore, kind));
    for (const TrustItem& item : items) {
      if (!item.name.starts_with(to_lower(prefix))) continue;
      SG_TRY(const std::string removed, remove_trust_item(keystore, kind, prefix));
      session.out("removed " + std::string(trust_kind_name(kind)) + " " + removed + "\n");
      return {};
    }
  }
  return fail(Code::config,
              "the keystore trusts nothing with the id '" + printable(prefix, 100) + "'",
              "sifctl trust list");
}

void add_adder(CLI::App& group, Session& session, TrustKind kind, const char* name,
               const char* what, const char* example) {
  auto* command = group.add_subcommand(name, what);
  command->footer(example);
  const auto file = std::make_shared<std::string>();
  command
      ->add_option("file", *file,
                   kind == TrustKind::crl ? "PEM, one or more, or DER" : "PEM, one or more")
      ->required()
      ->type_name("FILE");
  session.on(command, [&session, kind, file] { return add(session, kind, *file); });
}

}  // namespace

void add_trust_commands(CLI::App& app, Session& session) {
  auto* group = app.add_subcommand("trust", "What certificates of signers are judged by");
  group->require_subcommand(1);
  group->footer(R"(
Certificates of signers count only while they chain to a root given here, and, unless the node's
configuration says otherwise, while a fresh revocation list of each issuer does not name them.
Nothing in a certificate itself says whom to ask.)");
  add_adder(*group, session, TrustKind::root, "add-root", "Trust a root CA",
            "\n  sifctl trust add-root root.pem");
  add_adder(*group, session, TrustKind::intermediate, "add-intermediate",
            "Add a CA between signers and a root; not trusted by itself",
            "\n  sifctl trust add-intermediate issuing-ca.pem");
  add_adder(*group, session, TrustKind::crl, "add-crl",
            "Add a revocation list; it replaces an older one of the same CA",
            "\n  sifctl trust add-crl crl.pem");
  add_trust_sources(*group, session);
  add_trust_fetch(*group, session);
  auto* lister = group->add_subcommand("list", "List anchors, intermediates, lists and responses");
  lister->footer("\n  sifctl trust list\n  sifctl trust list --json");
  session.offer_json(lister);
  session.on(lister, [&session] { return list(session); });
  auto* remover = group->add_subcommand("remove", "Remove one of them");
  remover->footer("\n  sifctl trust remove 1f3a5b7c9d0e2f4a");
  const auto prefix = std::make_shared<std::string>();
  remover->add_option("id", *prefix, "As `trust list` shows it, 8 digits or more")
      ->required()
      ->type_name("ID");
  session.on(remover, [&session, prefix] { return remove(session, *prefix); });
}

}  // namespace sifguard
