// Fetching what shows that the certificates of signers are not revoked. Unprivileged.
#include "helper/fetch/trust_fetch.h"

#include <algorithm>
#include <set>

#include "helper/fetch/http.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"
#include "keystore/x509/chain.h"
#include "keystore/x509/crl_check.h"
#include "keystore/x509/distinguished_name.h"
#include "keystore/x509/ocsp_answer.h"
#include "keystore/x509/ocsp_request.h"
#include "keystore/x509/source_urls.h"
#include "keystore/x509/trust_file.h"

namespace sifguard {
namespace {

constexpr HttpLimits kListLimits = {16UL * 1024 * 1024, 60'000};
constexpr HttpLimits kAnswerLimits = {64UL * 1024, 15'000};

std::vector<std::string> of_kind(const std::vector<FetchedItem>& items, std::string_view kind) {
  std::vector<std::string> found;
  for (const FetchedItem& item : items) {
    if (item.kind == kind) found.push_back(item.bytes.empty() ? item.text : item.bytes);
  }
  return found;
}

/// A URL in a certificate counts because its host is one that is named: no other may stand in for
/// it by a redirect.
HttpLimits limits_for(const std::string& url, const std::vector<std::string>& sources,
                      HttpLimits limits) {
  if (std::find(sources.begin(), sources.end(), url) == sources.end()) limits.redirects = 0;
  return limits;
}

/// One certificate below a root, and who issued it.
struct Link {
  Certificate certificate, issuer;
  std::string name;  ///< SHA-256 of its DER
};

class Fetcher {
 public:
  Fetcher(const std::vector<FetchedItem>& wanted, std::int64_t now)
      : crl_urls_(of_kind(wanted, "crl-source")),
        ocsp_urls_(of_kind(wanted, "ocsp-source")),
        hosts_(of_kind(wanted, "host")),
        now_(now) {}

  /// The chains of all signers; one without a chain is an error item and no more.
  Status follow(const std::vector<FetchedItem>& wanted);
  void fetch_lists();
  void fetch_answers();
  [[nodiscard]] std::vector<FetchedItem> take_items() { return std::move(items_); }

 private:
  void complain(const std::string& what, const std::string& why) {
    items_.push_back({"error", "-", 0, 0, printable(what, 1024) + ": " + printable(why, 1024), {}});
  }
  void add_chain(const Chain& chain);
  void keep_list(const std::string& url, const std::string& text);
  void ask(const std::string& url, const Link& link);
  Result<FetchedItem> answer_of(const std::string& url, const Link& link);

  std::vector<std::string> crl_urls_, ocsp_urls_, hosts_;
  std::int64_t now_;
  std::vector<Certificate> authorities_;
  std::vector<Link> links_;
  std::set<std::string> known_;
  CrlSet crls_;
  std::vector<FetchedItem> items_;
};

void Fetcher::add_chain(const Chain& chain) {
  for (std::size_t i = 0; i + 1 < chain.certificates.size(); ++i) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(chain.certificates[i].get(), &der);
    if (size <= 0) continue;
    const auto digest = sha256(std::as_bytes(std::span(der, static_cast<std::size_t>(size))));
    OPENSSL_free(der);
    if (!digest || !known_.insert(to_hex(*digest)).second) continue;
    links_.push_back({shared(chain.certificates[i].get()), shared(chain.certificates[i + 1].get()),
                      to_hex(*digest)});
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
  for (const std::string& pem : of_kind(wanted, "signer")) {
    const auto certificate = parse_one_certificate(pem);
    if (!certificate) {
      complain("a signer", certificate.error().what());
      continue;
    }
    SG_TRY(const Chain chain, anchors.chain_of(certificate->get(), now_));
    if (chain.status == CertificateStatus::good) {
      add_chain(chain);
    } else {
      complain(shown_name(X509_get_subject_name(certificate->get())), "it " + chain.note);
    }
  }
  return {};
}

void Fetcher::keep_list(const std::string& url, const std::string& text) {
  const auto list = read_revocation_list(text);
  if (!list) return complain(url, list.error().what());
  const CrlSet set = CrlSet::parse({list->pem});
  std::string why = "is of a CA that the keystore does not know";
  for (const Certificate& authority : authorities_) {
    const std::string wrong = set.why_useless(authority.get(), now_);
    if (wrong.empty()) {
      items_.push_back({"crl", list->name, list->from, list->until, list->subject, list->pem});
      return;
    }
    if (wrong != "is of another CA") why = wrong;
  }
  complain(url, "the revocation list " + why);
}

void Fetcher::fetch_lists() {
  std::set<std::string> urls(crl_urls_.begin(), crl_urls_.end());
  for (const Link& link : links_) {
    for (std::string& url : allowed_urls(link.certificate.get(), hosts_).crl) urls.insert(url);
  }
  for (const std::string& url : urls) {
    const auto text = http_get(url, limits_for(url, crl_urls_, kListLimits));
    if (text) {
      keep_list(url, *text);
    } else {
      complain(url, text.error().what());
    }
  }
  std::vector<std::string> lists;
  for (const FetchedItem& item : items_) {
    if (item.kind == "crl") lists.push_back(item.bytes);
  }
  crls_ = CrlSet::parse(lists);  // they may revoke a responder
}

Result<FetchedItem> Fetcher::answer_of(const std::string& url, const Link& link) {
  Error last(Code::refused, "no answer");
  for (const OcspIdHash hash : {OcspIdHash::sha256, OcspIdHash::sha1}) {
    SG_TRY(const OcspQuestion question, ask_about(link.certificate.get(), link.issuer.get(), hash));
    SG_TRY(std::string response, http_post(url, "application/ocsp-request", question.request,
                                           limits_for(url, ocsp_urls_, kAnswerLimits)));
    const auto answer =
        read_ocsp_answer(response, link.certificate.get(), link.issuer.get(), crls_, now_);
    if (answer) {
      return FetchedItem{"response",
                         link.name,
                         answer->from,
                         answer->until,
                         shown_name(X509_get_subject_name(link.certificate.get())),
                         std::move(response)};
    }
    last = answer.error();
  }
  return tl::unexpected(last);
}

void Fetcher::ask(const std::string& url, const Link& link) {
  auto answer = answer_of(url, link);
  if (answer) {
    items_.push_back(*std::move(answer));
  } else {
    complain(url, "about " + shown_name(X509_get_subject_name(link.certificate.get())) +
                      ": the answer " + answer.error().what());
  }
}

void Fetcher::fetch_answers() {
  for (const Link& link : links_) {
    std::set<std::string> urls(ocsp_urls_.begin(), ocsp_urls_.end());
    for (std::string& url : allowed_urls(link.certificate.get(), hosts_).ocsp) urls.insert(url);
    for (const std::string& url : urls) ask(url, link);
  }
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
