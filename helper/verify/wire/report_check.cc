// Root's own check of a decoded report. Root helper, or the user's tool.
#include "helper/verify/wire/report_check.h"

#include <algorithm>

#include "keystore/base/failure_record.h"

namespace sifguard {
namespace {

constexpr std::size_t kClaimedDigits = 40;

bool is_subset(const std::vector<std::uint32_t>& part, const std::vector<std::uint32_t>& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

bool is_claim(const std::string& text) {
  return (text.empty() || text.size() == kClaimedDigits) &&
         text.find_first_not_of("0123456789ABCDEF") == std::string::npos;
}

bool is_hint(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c <= 0x7e && c != '\\'; });
}

/// How a text of this form must begin: a verifier that lies must not get hold of a signature that
/// its maker made for another purpose.
std::string_view beginning(SignatureForm form) {
  switch (form) {
    case SignatureForm::openpgp:
      return "{";
    case SignatureForm::dsse:
      return "DSSEv1 40 application/vnd.sylabs.sif-metadata+json ";
    case SignatureForm::legacy:
      return "SIFHASH:\r\n";
  }
  return {};
}

bool is_compared(const SignatureReport& signature) {
  return signature.statement == StatementStatus::fits ||
         signature.statement == StatementStatus::does_not_fit;
}

bool is_plausible(const SignatureReport& signature, const VerifierReport& report) {
  if (signature.object_id == 0 || !is_claim(signature.claimed) || !is_hint(signature.key_hint) ||
      !is_shown_safely(signature.note)) {
    return false;
  }
  const bool has_hint = !signature.key_hint.empty();
  if (!is_compared(signature)) {
    return signature.signed_text.empty() && signature.signature.empty() && !has_hint &&
           signature.covered.empty() && !signature.header_fits;
  }
  const auto group = std::find_if(report.groups.begin(), report.groups.end(),
                                  [&](const GroupFact& g) { return g.id == signature.group_id; });
  const bool legacy = signature.form == SignatureForm::legacy;
  const bool fits = signature.statement == StatementStatus::fits;
  return signature.signed_text.starts_with(beginning(signature.form)) &&
         !signature.signature.empty() && (!has_hint || signature.form == SignatureForm::dsse) &&
         group != report.groups.end() && is_subset(signature.covered, group->objects) &&
         !(legacy && signature.header_fits) &&
         (!fits || ((legacy || signature.header_fits) && !signature.covered.empty()));
}

/// Whether two reports can be of one envelope.
bool share_envelope(const SignatureReport& a, const SignatureReport& b) {
  return a.form == SignatureForm::dsse && b.form == SignatureForm::dsse && is_compared(a) &&
         a.object_id == b.object_id && a.group_id == b.group_id && a.statement == b.statement &&
         a.header_fits == b.header_fits && a.note == b.note && a.claimed == b.claimed &&
         a.covered == b.covered && a.signed_text == b.signed_text;
}

/// The ids of signature objects, each once; nothing when some is reported twice without being an
/// envelope of several signatures.
std::optional<std::vector<std::uint32_t>> signature_objects(const VerifierReport& report) {
  std::vector<std::uint32_t> ids;
  std::size_t in_envelope = 0;
  for (std::size_t i = 0; i < report.signatures.size(); ++i) {
    const SignatureReport& one = report.signatures[i];
    if (i == 0 || one.object_id != ids.back()) {
      ids.push_back(one.object_id);
      in_envelope = 1;
    } else if (++in_envelope > kMaxDsseSignatures ||
               !share_envelope(report.signatures[i - 1], one)) {
      return std::nullopt;
    }
  }
  return ids;
}

/// Groups ascend and hold something, and every object is in one place only.
bool is_plausible_layout(const VerifierReport& report) {
  auto everything = signature_objects(report);
  if (!everything) return false;
  everything->insert(everything->end(), report.ungrouped.begin(), report.ungrouped.end());
  std::uint32_t last_group = 0;
  for (const GroupFact& group : report.groups) {
    if (group.id <= last_group || group.objects.empty()) return false;
    last_group = group.id;
    everything->insert(everything->end(), group.objects.begin(), group.objects.end());
  }
  std::sort(everything->begin(), everything->end());
  return everything->size() <= kMaxObjects &&
         std::adjacent_find(everything->begin(), everything->end()) == everything->end();
}

bool is_inside(std::uint64_t offset, std::uint64_t size, std::uint64_t whole) {
  return size > 0 && offset <= whole && size <= whole - offset;
}

bool is_plausible_primary(const VerifierReport& report) {
  const auto holds = [&](const std::vector<std::uint32_t>& ids) {
    return std::binary_search(ids.begin(), ids.end(), report.primary_partition_id);
  };
  const PartitionFact& place = report.primary;
  if (report.primary_partition_id == 0) {
    return report.primary_fstype == 0 && place.offset == 0 && place.size == 0;
  }
  return is_inside(place.offset, place.size, report.image_size) && report.primary_fstype >= 1 &&
         report.primary_fstype <= 6 &&
         (holds(report.ungrouped) ||
          std::any_of(report.groups.begin(), report.groups.end(),
                      [&](const GroupFact& group) { return holds(group.objects); }));
}

bool is_plausible_message(const VerifierReport& report) {
  const bool encrypted = report.primary_fstype == 5 || report.primary_fstype == 6;
  if (!report.message) return true;  // in clear, or encrypted with a passphrase
  const CryptoMessageFact& message = *report.message;
  return encrypted && message.size <= 65536 &&
         is_inside(message.offset, message.size, report.image_size);
}

/// It goes into argument vectors and environments, and layers to the kernel.
bool is_plausible_oci(const VerifierReport& report) {
  if (!report.oci) return true;
  const OciFact& oci = *report.oci;
  const auto is_layer = [&](const PartitionFact& layer) {
    return is_inside(layer.offset, layer.size, report.image_size);
  };
  std::string text = oci.working_dir;
  std::size_t words = 1;
  for (const auto* list : {&oci.env, &oci.entrypoint, &oci.cmd}) {
    words += list->size();
    for (const std::string& word : *list) text += word;
  }
  return report.primary_partition_id == 0 && !report.message && !oci.layers.empty() &&
         std::all_of(oci.layers.begin(), oci.layers.end(), is_layer) &&
         std::all_of(oci.env.begin(), oci.env.end(),
                     [](const std::string& one) { return one.find('=', 1) != one.npos; }) &&
         (oci.working_dir.empty() || oci.working_dir.starts_with('/')) && words <= kMaxOciWords &&
         text.size() <= kMaxOciText && text.find('\0') == std::string::npos;
}

}  // namespace

bool is_plausible(const VerifierReport& report, std::uint64_t image_size) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return report.image_size == image_size && is_plausible_layout(report) &&
         is_plausible_primary(report) && is_plausible_message(report) && is_plausible_oci(report) &&
         std::all_of(report.architecture.begin(), report.architecture.end(), is_letter) &&
         std::all_of(report.signatures.begin(), report.signatures.end(),
                     [&](const SignatureReport& one) { return is_plausible(one, report); });
}

}  // namespace sifguard
