// Codec of the verifier's report. Encodes in the sandbox, decodes as root.
#include "helper/verify/wire/report.h"

#include "helper/verify/wire/report_check.h"
#include "keystore/base/bytes.h"
#include "keystore/base/failure_record.h"

namespace sifguard {
namespace {

constexpr std::string_view kMagic = "SGVR\x04";
constexpr std::size_t kFingerprintDigits = 40;

void put_ids(ByteWriter& out, const std::vector<std::uint32_t>& ids) {
  out.u32(static_cast<std::uint32_t>(ids.size()));
  for (const std::uint32_t id : ids) out.u32(id);
}

/// Strictly ascending, so each at most once, and none zero.
std::vector<std::uint32_t> get_ids(ByteReader& in) {
  std::vector<std::uint32_t> ids;
  for (std::uint32_t left = in.count(kMaxObjects); in.good() && left > 0; --left) {
    const std::uint32_t id = in.u32();
    if (id <= (ids.empty() ? 0 : ids.back())) in.reject();
    ids.push_back(id);
  }
  return ids;
}

SignatureReport get_signature(ByteReader& in) {
  SignatureReport report;
  report.object_id = in.u32();
  report.group_id = in.u32();
  const std::uint8_t form = in.u8();
  const std::uint8_t statement = in.u8();
  if (form < 1 || form > 3 || statement < 1 || statement > 5) in.reject();
  report.form = static_cast<SignatureForm>(form);
  report.statement = static_cast<StatementStatus>(statement);
  report.header_fits = in.boolean();
  report.note = in.bytes(kMaxNote);
  report.claimed = in.bytes(kFingerprintDigits);
  report.covered = get_ids(in);
  report.signed_text = in.bytes(kMaxSignatureSize);
  report.signature = in.bytes(kMaxSignatureSize);
  report.key_hint = in.bytes(kMaxKeyHint);
  return report;
}

void put_signature(ByteWriter& out, const SignatureReport& report) {
  out.u32(report.object_id);
  out.u32(report.group_id);
  out.u8(static_cast<std::uint8_t>(report.form));
  out.u8(static_cast<std::uint8_t>(report.statement));
  out.u8(report.header_fits ? 1 : 0);
  out.bytes(std::string_view(report.note).substr(0, kMaxNote));
  out.bytes(report.claimed);
  put_ids(out, report.covered);
  out.bytes(report.signed_text);
  out.bytes(report.signature);
  out.bytes(report.key_hint);
}

std::vector<std::string> get_words(ByteReader& in) {
  std::vector<std::string> words;
  for (std::uint32_t left = in.count(kMaxOciWords); in.good() && left > 0; --left) {
    words.emplace_back(in.bytes(kMaxOciText));
  }
  return words;
}

void put_words(ByteWriter& out, const std::vector<std::string>& words) {
  out.u32(static_cast<std::uint32_t>(words.size()));
  for (const std::string& word : words) out.bytes(word);
}

OciFact get_oci(ByteReader& in) {
  OciFact oci;
  for (std::uint32_t left = in.count(kMaxOciLayers); in.good() && left > 0; --left) {
    PartitionFact layer;
    layer.offset = in.u64();
    layer.size = in.u64();
    oci.layers.push_back(layer);
  }
  oci.env = get_words(in);
  oci.entrypoint = get_words(in);
  oci.cmd = get_words(in);
  oci.working_dir = in.bytes(kMaxOciText);
  return oci;
}

void put_oci(ByteWriter& out, const OciFact& oci) {
  out.u32(static_cast<std::uint32_t>(oci.layers.size()));
  for (const PartitionFact& layer : oci.layers) {
    out.u64(layer.offset);
    out.u64(layer.size);
  }
  put_words(out, oci.env);
  put_words(out, oci.entrypoint);
  put_words(out, oci.cmd);
  out.bytes(oci.working_dir);
}

VerifierReport get_report(ByteReader& in) {
  VerifierReport report;
  report.image_size = in.u64();
  for (std::uint32_t left = in.count(kMaxObjects); in.good() && left > 0; --left) {
    GroupFact group;
    group.id = in.u32();
    group.objects = get_ids(in);
    report.groups.push_back(std::move(group));
  }
  report.ungrouped = get_ids(in);
  report.primary_partition_id = in.u32();
  report.primary_fstype = static_cast<std::int32_t>(in.u32());
  report.primary.offset = in.u64();
  report.primary.size = in.u64();
  report.architecture = in.bytes(16);
  if (in.boolean()) {
    CryptoMessageFact message;
    message.offset = in.u64();
    message.size = in.u64();
    report.message = message;
  }
  if (in.boolean()) report.oci = get_oci(in);
  for (std::uint32_t left = in.count(kMaxSignatures); in.good() && left > 0; --left) {
    report.signatures.push_back(get_signature(in));
  }
  return report;
}

}  // namespace

std::string encode_report(const VerifierReport& report) {
  ByteWriter out;
  out.raw(kMagic);
  out.u8(kAnswerRecord);
  out.u64(report.image_size);
  out.u32(static_cast<std::uint32_t>(report.groups.size()));
  for (const GroupFact& group : report.groups) {
    out.u32(group.id);
    put_ids(out, group.objects);
  }
  put_ids(out, report.ungrouped);
  out.u32(report.primary_partition_id);
  out.u32(static_cast<std::uint32_t>(report.primary_fstype));
  out.u64(report.primary.offset);
  out.u64(report.primary.size);
  out.bytes(report.architecture);
  out.u8(report.message ? 1 : 0);
  if (report.message) {
    out.u64(report.message->offset);
    out.u64(report.message->size);
  }
  out.u8(report.oci ? 1 : 0);
  if (report.oci) put_oci(out, *report.oci);
  out.u32(static_cast<std::uint32_t>(report.signatures.size()));
  for (const SignatureReport& signature : report.signatures) put_signature(out, signature);
  return out.take();
}

Result<VerifierReport> decode_report(std::string_view data, std::uint64_t image_size) {
  ByteReader in(data);
  SG_TRY(const bool follows, begin_answer(in, kMagic));
  if (follows) {
    VerifierReport report = get_report(in);
    if (in.finished() && is_plausible(report, image_size)) return report;
  }
  return fail(Code::refused, "the image made its verifier give a malformed answer");
}

std::string encode_report_failure(const Error& error) {
  return encode_failure(kMagic, error);
}

}  // namespace sifguard
