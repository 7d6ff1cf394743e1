// sifctl trust fetch: fresh revocation lists and OCSP answers. Runs with the rights of the admin,
// or of a timer; network and parsing are left to sifguard-fetch, which is nobody.
#include "keystore/cli/commands.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/one_line.h"
#include "keystore/base/run_program.h"
#include "keystore/base/text.h"
#include "keystore/cli/key_output.h"
#include "keystore/cli/session.h"
#include "keystore/store/trust_sources.h"
#include "keystore/store/trust_store.h"
#include "keystore/x509/fetched_item.h"
#include "keystore/x509/trust_file.h"

namespace sifguard {
namespace {

constexpr int kSeconds = 600;
constexpr int kMostSeconds = 3600;

Status add_items(const Keystore& keystore, TrustKind kind, std::vector<FetchedItem>& items) {
  SG_TRY(auto found, trust_items(keystore, kind));
  for (TrustItem& one : found) {
    items.push_back({std::string(trust_kind_name(kind)), one.name, 0, 0, {}, std::move(one.text)});
  }
  return {};
}

/// What is here, so that nothing older takes its place.
Status add_proofs(const Keystore& keystore, std::vector<FetchedItem>& items) {
  SG_CHECK(add_items(keystore, TrustKind::crl, items));
  return add_items(keystore, TrustKind::response, items);
}

Result<std::vector<FetchedItem>> wanted(const Keystore& keystore, const TrustSources& sources) {
  std::vector<FetchedItem> items;
  for (const std::string& url : sources.crl) items.push_back({"crl-source", "-", 0, 0, url, {}});
  for (const std::string& url : sources.ocsp) items.push_back({"ocsp-source", "-", 0, 0, url, {}});
  for (const std::string& host : sources.hosts) items.push_back({"host", "-", 0, 0, host, {}});
  SG_CHECK(add_items(keystore, TrustKind::root, items));
  SG_CHECK(add_items(keystore, TrustKind::intermediate, items));
  SG_CHECK(add_proofs(keystore, items));
  SG_TRY(const auto signers, keystore.signers());
  for (const SignerRecord& signer : signers) {
    const bool is_out = signer.state == SignerState::revoked && !is_soft_reason(signer.reason);
    if (signer.type() != SignerType::certificate || is_out) continue;
    SG_TRY(std::string pem, keystore.signer_key(signer.id));
    items.push_back({"signer", "-", 0, 0, {}, std::move(pem)});
  }
  return items;
}

Result<UniqueFd> memory(std::string_view content) {
  UniqueFd fd(::memfd_create("sifguard-fetch", MFD_CLOEXEC));
  if (!fd.valid()) return fail_errno(Code::temporary, "cannot get memory", errno);
  SG_CHECK(write_all(fd.get(), content, "memory"));
  if (::lseek(fd.get(), 0, SEEK_SET) != 0) return fail_errno(Code::internal, "memory", errno);
  return fd;
}

Result<std::vector<FetchedItem>> run_fetcher(const std::vector<FetchedItem>& items,
                                             const std::string& proxy, int seconds) {
  SG_TRY(const UniqueFd question, memory(encode_items(items)));
  SG_TRY(const UniqueFd answer, memory({}));
  ProgramRun run{own_program("sifguard-fetch"),
                 {"trust"},
                 {"LC_ALL=C"},
                 {},
                 1,
                 seconds * 1000,
                 question.get(),
                 answer.get()};
  if (!proxy.empty()) {
    run.environment.push_back("http_proxy=" + proxy);
    run.environment.push_back("https_proxy=" + proxy);
  }
  SG_TRY(const SecretBytes nothing, run_program(run));
  if (::lseek(answer.get(), 0, SEEK_SET) != 0) return fail_errno(Code::internal, "memory", errno);
  SG_TRY(const std::string text, read_to_end(answer.get(), kMaxFetched, "the fetcher's answer"));
  return decode_items(text);
}

FetchedRecord* find(std::vector<FetchedRecord>& records, const FetchedItem& item) {
  const auto found = std::find_if(records.begin(), records.end(), [&](const FetchedRecord& record) {
    return record.kind == item.kind && record.name == item.name;
  });
  return found == records.end() ? nullptr : &*found;
}

const FetchedItem* find(const std::vector<FetchedItem>& items, const FetchedItem& item) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const FetchedItem& one) {
    return one.kind == item.kind && one.name == item.name;
  });
  return found == items.end() ? nullptr : &*found;
}

/// `outcome`: of keep().
void tell(const Session& session, const FetchedItem& item, std::string_view outcome) {
  const std::string shown =
      item.kind + " " + one_line(item.text, 300) + " until " + format_utc(item.until);
  if (outcome == "fetched") return session.tell(outcome, shown);
  session.out((outcome == "left" ? "changed meanwhile, left: " : "unchanged ") + shown + "\n");
}

/// "fetched", "unchanged" or "left". What the fetcher was shown in its place must be there still:
/// an admin may have put another there while servers were asked. Wants the keystore's lock held.
Result<const char*> keep(const Keystore& keystore, const FetchedItem& item, const FetchedItem* sent,
                         const FetchedItem* present, std::vector<FetchedRecord>& records) {
  const TrustKind kind = item.kind == "crl" ? TrustKind::crl : TrustKind::response;
  const bool as_sent =
      sent == nullptr ? present == nullptr : present != nullptr && sent->bytes == present->bytes;
  if (!as_sent) return "left";
  SG_TRY(const auto added, put_trust_item(keystore, kind, {item.name, item.bytes}));
  FetchedRecord* record = find(records, item);
  if (record == nullptr) record = &records.emplace_back();
  *record = {item.kind, item.name, item.text, item.from, item.until, ::time(nullptr)};
  return added == Keystore::Added::unchanged ? "unchanged" : "fetched";
}

/// For --json.
struct Fetched {
  bool changed = false;
  nlohmann::ordered_json items = nlohmann::ordered_json::array();
  std::vector<std::string> failed = {}, missing = {};

  void add(const FetchedItem& item, std::string_view outcome) {
    changed = changed || outcome == "fetched";
    items.push_back({{"kind", item.kind},
                     {"subject", item.text},
                     {"until", format_utc(item.until)},
                     {"outcome", outcome}});
  }
};

Status outcome(std::size_t failed, const std::vector<std::string>& missing) {
  if (!missing.empty()) {
    return fail(
        Code::temporary, "there is no valid revocation list of " + joined(missing),
        "see sifctl trust list; one that keeps others out wrongly goes by sifctl trust remove");
  }
  if (failed == 0) return {};
  return fail(Code::temporary,
              std::to_string(failed) + (failed == 1 ? " source" : " sources") + " failed",
              "what was fetched before counts until it ends");
}

Status fetch(Session& session, int seconds) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const TrustSources sources, trust_sources(keystore));
  if (sources.crl.empty() && sources.ocsp.empty() && sources.hosts.empty()) {
    return fail(Code::config, "there is no source to fetch from", "sifctl trust add-source");
  }
  SG_TRY(const auto items, wanted(keystore, sources));
  SG_TRY(const auto answer, run_fetcher(items, sources.proxy, seconds));
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(auto records, fetched_records(keystore));
  std::vector<FetchedItem> present;
  SG_CHECK(add_proofs(keystore, present));
  std::size_t failed = 0;
  std::vector<std::string> missing;
  Fetched fetched;
  for (const FetchedItem& item : answer) {
    if (item.kind == "error") {
      session.note(item.text);
      fetched.failed.push_back(item.text);
      ++failed;
    } else if (item.kind == "missing") {
      missing.push_back("'" + one_line(item.text, 300) + "'");
      fetched.missing.push_back(item.text);
    } else if (item.kind == "note") {
      session.note(item.text);
    } else if ((item.kind == "crl" || item.kind == "response") && item.name != "-") {
      SG_TRY(const char* const outcome,
             keep(keystore, item, find(items, item), find(present, item), records));
      tell(session, item, outcome);
      fetched.add(item, outcome);
    } else {
      return fail(Code::refused, "the fetcher's answer is malformed");
    }
  }
  SG_CHECK(set_fetched_records(keystore, records));
  if (!fetched.changed) session.mark_unchanged();
  session.answer("trust-fetch", {{"items", std::move(fetched.items)},
                                 {"failed", fetched.failed},
                                 {"missing", fetched.missing}});
  session.keep_answer();
  return outcome(failed, missing);
}

}  // namespace

void add_trust_fetch(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("fetch", "Fetch revocation lists and OCSP answers now");
  command->footer(R"(
An unprivileged process fetches them from the sources of `trust add-source`. A list or answer is stored if a CA
of this keystore, or a responder that it delegated, signed it, it is fresh, and it undoes no revocation: no list
older than the present one, no answer "good" after "revoked". Launches read what is stored and never wait for
the network: run this by sifguard-fetch.timer, before lists and answers expire. A source that fails is not
asked again in the same run. Exit status 75 if one failed, or if there is no valid list of a CA
whose list was to be fetched.
  sifctl trust fetch
  sifctl trust fetch --timeout 60)");
  const auto seconds = std::make_shared<int>(kSeconds);
  command->add_option("--timeout", *seconds, "End what has not answered after so many seconds")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, kMostSeconds))
      ->capture_default_str();
  Session::offer_dry_run(command);
  session.on_change(command, [&session, seconds] { return fetch(session, *seconds); });
}

}  // namespace sifguard
