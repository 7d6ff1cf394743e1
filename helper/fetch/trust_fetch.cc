// Fetching what shows that the certificates of signers are not revoked. Unprivileged.
#include "helper/fetch/trust_fetch.h"

#include <map>
#include <optional>
#include <set>

#include "helper/fetch/sources.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/x509/accepted_list.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/chain_links.h"
#include "keystore/x509/crl_check.h"
#include "keystore/x509/distinguished_name.h"
#include "keystore/x509/ocsp_answer.h"
#include "keystore/x509/ocsp_request.h"
#include "keystore/x509/source_urls.h"
#include "keystore/x509/trust_file.h"

namespace sifguard {
namespace {

/// For all sources together: what was got by then is handed on before the fetcher is stopped
/// (keystore/cli/trust_fetch.cc).
constexpr std::chrono::seconds kRunTime{480};
constexpr HttpLimits kListLimits = {16UL * 1024 * 1024, 60'000};
constexpr HttpLimits kAnswerLimits = {64UL * 1024, 15'000};

std::vector<std::string> of_kind(const std::vector<FetchedItem>& items, std::string_view kind) {
  std::vector<std::string> found;
  for (const FetchedItem& item : items) {
    if (item.kind == kind) found.push_back(item.bytes.empty() ? item.text : item.bytes);
  }
  return found;
}

/// The newest list of a series so far: the keystore's, or one that a source had.
struct Newest {
  TrustFile file;
  std::string place;  ///< the name of its file in the keystore
  bool is_fetched = false;
};

std::vector<std::string> together(std::vector<std::string> some, std::vector<std::string> more) {
  for (std::string& one : more) some.push_back(std::move(one));
  return some;
}

class Fetcher {
 public:
  Fetcher(const std::vector<FetchedItem>& wanted, std::int64_t now)
      : crl_urls_(of_kind(wanted, "crl-source")),
        ocsp_urls_(of_kind(wanted, "ocsp-source")),
        hosts_(of_kind(wanted, "host")),
        sources_(together(crl_urls_, ocsp_urls_), kRunTime),
        now_(now) {
    know(wanted);
  }

  /// The chains of all signers. One without a chain is a note: its images are refused anyway, and
  /// no source is to blame.
  Status follow(const std::vector<FetchedItem>& wanted);
  void fetch_lists();
  void fetch_answers();
  [[nodiscard]] std::vector<FetchedItem> take_items() { return std::move(items_); }

 private:
  void complain(const std::string& what, const std::string& why) {
    items_.push_back({"error", "-", 0, 0, printable(what, 1024) + ": " + printable(why, 1024), {}});
  }
  void note(const std::string& text) {
    items_.push_back({"note", "-", 0, 0, printable(text, 2048), {}});
  }
  void know(const std::vector<FetchedItem>& wanted);
  void know_lists(const std::vector<FetchedItem>& wanted);
  void keep_list(const std::string& url, const std::string& text);
  void take_list(const std::string& url, const TrustFile& list);
  void tell_missing();
  void ask_about_link(const ChainLink& link);
  struct Answered {
    OcspAnswer answer;
    std::string response;
  };
  Result<Answered> answer_of(const std::string& url, const ChainLink& link);

  std::vector<std::string> crl_urls_, ocsp_urls_, hosts_;
  Sources sources_;
  std::int64_t now_;
  std::vector<Certificate> authorities_;
  std::vector<ChainLink> links_;
  std::map<std::string, Newest> lists_;         ///< by their series (accepted_list.h)
  std::map<std::string, std::string> answers_;  ///< that the keystore has, likewise
  CrlSet crls_;
  std::set<std::string> offered_;  ///< series that a source had a list of
  std::vector<FetchedItem> items_;
};

void Fetcher::know(const std::vector<FetchedItem>& wanted) {
  for (const FetchedItem& item : wanted) {
    if (item.kind == "response") answers_[item.name] = item.bytes;
  }
}

/// The keystore's own; what no launch takes proves nothing, and nothing can be older than it.
void Fetcher::know_lists(const std::vector<FetchedItem>& wanted) {
  for (const FetchedItem& item : wanted) {
    if (item.kind != "crl") continue;
    const auto list = accept_revocation_list(item.bytes, authorities_, kForever - kClockSkew);
    if (list) lists_.insert_or_assign(list->name, Newest{*list, item.name, false});
  }
}

Status Fetcher::follow(const std::vector<FetchedItem>& wanted) {
  const auto roots = of_kind(wanted, "root");
  const auto between = of_kind(wanted, "intermediate");
  SG_TRY(const TrustAnchors anchors, TrustAnchors::parse(roots, between));
  for (const auto* bundles : {&roots, &between}) {
    for (const std::string& pem : *bundles) {
      SG_TRY(auto some, parse_bundle(pem));
      for (Certificate& one : some) authorities_.push_back(std::move(one));
    }
  }
  know_lists(wanted);
  for (const std::string& pem : of_kind(wanted, "signer")) {
    const auto certificate = parse_one_certificate(pem);
    if (!certificate) {
      complain("a signer", certificate.error().what());
      continue;
    }
    SG_TRY(const Chain chain, anchors.chain_of(certificate->get(), now_));
    if (chain.status == CertificateStatus::good) {
      add_links(chain, links_);
    } else {
      note("signer " + shown_name(X509_get_subject_name(certificate->get())) +
           ": not asked about, as it " + chain.note);
    }
  }
  return {};
}

/// An older list must not take the place of a newer one: that would undo revocations. Of several
/// sources one may lag behind; a number that went back is the CA's fault, and is told.
void Fetcher::take_list(const std::string& url, const TrustFile& list) {
  offered_.insert(list.name);
  const auto known = lists_.find(list.name);
  const std::string why =
      known == lists_.end() ? "" : why_not_newer(list, known->second.file, now_);
  const auto is_behind = [&](const TrustFile& there) {
    return list.from < there.from && there.from <= now_ + kClockSkew;
  };
  if (why.empty()) {
    const std::string place = known == lists_.end() ? list.name : known->second.place;
    lists_.insert_or_assign(list.name, Newest{list, place, true});
  } else if (!is_behind(known->second.file) && !known->second.is_fetched) {
    complain(url, "the revocation list of '" + list.subject + "' " + why);
  } else if (!known->second.is_fetched) {
    note("older than what is there, left: crl " + list.subject + " of " + format_utc(list.from));
  }
}

/// Sources that answered, and still no list holds now: what is there may have ended, or be of the
/// future and have a number that no genuine one has; a source may have another CA's.
void Fetcher::tell_missing() {
  std::set<std::string> missing;
  for (const std::string& series : offered_) {
    const TrustFile& list = lists_.at(series).file;
    if (list.from > now_ + kClockSkew || list.until <= now_) missing.insert(list.subject);
  }
  for (const ChainLink& link : links_) {
    if (allowed_urls(link.certificate.get(), hosts_).crl.empty()) continue;
    const auto found = crls_.find(link.certificate.get(), link.issuer.get(), now_);
    if (found.state != RevocationFinding::State::unknown) continue;
    missing.insert(shown_name(X509_get_subject_name(link.issuer.get())));
  }
  for (const std::string& subject : missing) {
    items_.push_back({"missing", "-", 0, 0, printable(subject, 1024), {}});
  }
}

void Fetcher::keep_list(const std::string& url, const std::string& text) {
  const auto list = accept_revocation_list(text, authorities_, now_);
  if (!list) return complain(url, list.error().what());
  if (list->until <= now_) {
    return complain(
        url, "the revocation list of '" + list->subject + "' ended at " + format_utc(list->until));
  }
  take_list(url, *list);
}

void Fetcher::fetch_lists() {
  std::set<std::string> urls(crl_urls_.begin(), crl_urls_.end());
  for (const ChainLink& link : links_) {
    for (std::string& url : allowed_urls(link.certificate.get(), hosts_).crl) urls.insert(url);
  }
  for (const std::string& url : urls) {
    const auto text = sources_.get(url, kListLimits);
    if (text) {
      keep_list(url, *text);
    } else {
      complain(url, text.error().what());
    }
  }
  std::vector<std::string> all;
  for (const auto& [series, newest] : lists_) {
    const TrustFile& list = newest.file;
    all.push_back(list.pem);
    if (!newest.is_fetched) continue;
    items_.push_back({"crl", newest.place, list.from, list.until, list.subject, list.pem});
  }
  crls_ = CrlSet::parse(all);  // they may revoke a responder
  tell_missing();
}

Result<Fetcher::Answered> Fetcher::answer_of(const std::string& url, const ChainLink& link) {
  Error last(Code::refused, "no answer");
  for (const OcspIdHash hash : {OcspIdHash::sha256, OcspIdHash::sha1}) {
    SG_TRY(const OcspQuestion question, ask_about(link.certificate.get(), link.issuer.get(), hash));
    SG_TRY(std::string response,
           sources_.post(url, "application/ocsp-request", question.request, kAnswerLimits));
    const auto answer =
        read_ocsp_answer(response, link.certificate.get(), link.issuer.get(), crls_, now_);
    if (answer) return Answered{*answer, std::move(response)};
    last = Error(Code::refused, "the answer " + answer.error().what());
  }
  return tl::unexpected(last);
}

/// Of all answers, the keystore's among them, the one that counts is handed on.
void Fetcher::ask_about_link(const ChainLink& link) {
  const std::string subject = shown_name(X509_get_subject_name(link.certificate.get()));
  std::set<std::string> urls(ocsp_urls_.begin(), ocsp_urls_.end());
  for (std::string& url : allowed_urls(link.certificate.get(), hosts_).ocsp) urls.insert(url);
  std::optional<OcspAnswer> known;
  if (const auto kept = answers_.find(link.name); kept != answers_.end()) {
    const auto answer =
        read_kept_answer(kept->second, link.certificate.get(), link.issuer.get(), crls_, now_);
    if (answer) known = *answer;
  }
  std::string response;
  for (const std::string& url : urls) {
    if (sources_.is_given_up(url)) continue;  // which was said when it failed
    auto got = answer_of(url, link);
    if (!got) {
      complain(url, "about " + subject + ": " + got.error().what());
    } else if (!known || may_replace(got->answer, *known, now_)) {
      known = got->answer;
      response = std::move(got->response);
    } else if (known->is_revoked && !got->answer.is_revoked) {
      note(url + ": does not know that " + subject + " is revoked: its answer is left");
    }
  }
  if (response.empty()) return;
  items_.push_back({"response", link.name, known->from, known->until, subject, response});
}

void Fetcher::fetch_answers() {
  for (const ChainLink& link : links_) ask_about_link(link);
}

}  // namespace

Result<std::vector<FetchedItem>> fetch_trust(const std::vector<FetchedItem>& wanted,
                                             std::int64_t now) {
  Fetcher fetcher(wanted, now);
  SG_CHECK(fetcher.follow(wanted));
  fetcher.fetch_lists();
  fetcher.fetch_answers();
  return fetcher.take_items();
}

}  // namespace sifguard
