// The directory of one signer. Runs with the rights of the keystore's owner.
#include "keystore/store/signer_entry.h"

#include "keystore/base/text.h"
#include "keystore/store/meta.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr std::size_t kColon = 4;  // of "spki:" and "cert:"

const char* key_file(SignerType type) {
  switch (type) {
    case SignerType::openpgp:
      return kSignerKey;
    case SignerType::public_key:
      return kSignerPublic;
    case SignerType::certificate:
      break;
  }
  return kCertificate;
}

}  // namespace

std::string signer_entry_name(std::string id) {
  if (id.size() > kColon && id[kColon] == ':') id[kColon] = '-';
  return id;
}

std::string signer_id_of_entry(std::string name) {
  if (name.size() > kColon && name[kColon] == '-') name[kColon] = ':';
  return name;
}

Status write_signer(const EntryParent& signers, const SignerRecord& record, std::string_view key) {
  const std::string meta = signer_meta(record);
  // What is written must be what can be read again.
  SG_TRY(const SignerRecord readable, parse_signer_meta(meta, record.id, "the new signer"));
  return put_entry(
      signers, signer_entry_name(record.id),
      {{kMeta, as_bytes(meta), 0600}, {key_file(readable.type()), as_bytes(key), 0644}});
}

Result<SignerRecord> read_signer_record(const EntryParent& signers, const std::string& name,
                                        Trust trust) {
  const std::string shown = signers.shown + "/" + name;
  const std::string id = signer_id_of_entry(name);
  if (!is_signer_id(id)) {
    return fail(Code::config, printable(shown) + " is not a signer's directory", "move it away");
  }
  SignerRecord record;
  SG_CHECK(read_entry(signers, name, trust, [&](int fd, const std::string& directory) -> Status {
    const std::string meta = directory + "/" + kMeta;
    SG_TRY(const std::string text, read_store_file(fd, kMeta, meta, kMaxMeta, trust));
    SG_TRY(record, parse_signer_meta(text, id, meta));
    return {};
  }));
  return record;
}

Result<std::string> read_signer_key(const EntryParent& signers, const SignerRecord& record,
                                    Trust trust) {
  const std::string name = signer_entry_name(record.id);
  const char* const file = key_file(record.type());
  std::string key;
  SG_CHECK(read_entry(signers, name, trust, [&](int fd, const std::string& directory) -> Status {
    SG_TRY(key, read_store_file(fd, file, directory + "/" + file, kMaxSignerKey, trust));
    return {};
  }));
  return key;
}

}  // namespace sifguard
