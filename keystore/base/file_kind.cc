// What a file is, whatever its name says. Any privilege; pure.
#include "keystore/base/file_kind.h"

#include <algorithm>
#include <array>
#include <optional>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

using namespace std::string_view_literals;

// --- Bytes ---------------------------------------------------------------------------------------

struct Beginning {
  std::size_t offset;
  std::string_view bytes;
  FileKind kind;
};

constexpr std::array kBeginnings = {
    Beginning{32, "SIF_MAGIC"sv, FileKind::sif},
    Beginning{0, "\x1f\x8b"sv, FileKind::gzip},
    Beginning{0, "\xfd\x37zXZ\0"sv, FileKind::xz},
    Beginning{0, "\x28\xb5\x2f\xfd"sv, FileKind::zstd},
    Beginning{0, "BZh"sv, FileKind::bzip2},
    Beginning{0, "PK\x03\x04"sv, FileKind::zip},
    Beginning{257, "ustar"sv, FileKind::tar},
    Beginning{0, "hsqs"sv, FileKind::squashfs},
    Beginning{0, "\x7f\x45LF"sv, FileKind::elf},
    Beginning{0, "LUKS\xba\xbe"sv, FileKind::luks},
    Beginning{8, "KBXf"sv, FileKind::openpgp_keybox},
    Beginning{0, "\xfe\xed\xfe\xed"sv, FileKind::java_keystore},
    Beginning{0, "\xce\xce\xce\xce"sv, FileKind::java_keystore},
    Beginning{0, "#!"sv, FileKind::script},
    Beginning{0, "version https://git-lfs.github.com/spec/"sv, FileKind::lfs_pointer},
    Beginning{0, "ssh-"sv, FileKind::ssh_public_key},
    Beginning{0, "ecdsa-sha2-"sv, FileKind::ssh_public_key},
    Beginning{0, "sk-ssh-"sv, FileKind::ssh_public_key},
    Beginning{0, "sk-ecdsa-"sv, FileKind::ssh_public_key},
    Beginning{0, "---- BEGIN SSH2 PUBLIC KEY"sv, FileKind::ssh_public_key},
    Beginning{0, "PuTTY-User-Key-File-"sv, FileKind::putty_key},
    Beginning{0, "SSHSIG"sv, FileKind::ssh_signature},
    Beginning{0, "age-encryption.org/"sv, FileKind::age_file},
    Beginning{0, "SGBAK01\n"sv, FileKind::sealed_backup},
    Beginning{0, "SGPRIV1\n"sv, FileKind::sealed_key},
    Beginning{0, "SGINDEX"sv, FileKind::own_file},
    Beginning{0, "sifguard-audit-head "sv, FileKind::own_file},
    Beginning{0, "MII"sv, FileKind::bare_base64},
    Beginning{0, "<?xml"sv, FileKind::xml},
    Beginning{0, "{"sv, FileKind::json},
};

FileKind by_beginning(std::string_view data) noexcept {
  for (const Beginning& one : kBeginnings) {
    if (data.size() > one.offset && data.substr(one.offset).starts_with(one.bytes)) return one.kind;
  }
  const std::string start = to_lower(data.substr(0, 15));
  if (start.starts_with("<!doctype html") || start.starts_with("<html")) return FileKind::html;
  return FileKind::unknown;
}

// --- OpenPGP: RFC 9580 4.2 -----------------------------------------------------------------------

/// By the first packet's tag, where a version that there is follows its length.
FileKind by_packet(std::string_view data) noexcept {
  const auto at = [&](std::size_t i) {
    return i < data.size() ? static_cast<unsigned char>(data[i]) : 0U;
  };
  if ((at(0) & 0x80U) == 0) return FileKind::unknown;
  const bool old_format = (at(0) & 0x40U) == 0;
  const unsigned tag = old_format ? (at(0) >> 2U) & 15U : at(0) & 63U;
  const std::size_t body = old_format    ? 1 + (std::size_t{1} << (at(0) & 3U))
                           : at(1) < 192 ? 2
                           : at(1) < 224 ? 3
                                         : 6;
  const unsigned version = at(body);
  if (version < 2 || version > 6) return FileKind::unknown;
  switch (tag) {
    case 1:
    case 3:
      return FileKind::openpgp_message;
    case 2:  // 5.2.1: of a key itself
      return version == 4 && at(body + 1) == 0x20 ? FileKind::openpgp_revocation
                                                  : FileKind::openpgp_signature;
    case 5:
      return version > 4 ? FileKind::openpgp_newer_key : FileKind::openpgp_secret_key;
    case 6:
      return version > 4 ? FileKind::openpgp_newer_key : FileKind::openpgp_public_key;
    default:
      return FileKind::unknown;
  }
}

/// The first nine bytes of what armor holds, behind the empty line; fewer where there are no more.
std::string start_of_armor(std::string_view armor) {
  constexpr std::string_view kHexadecimal =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t lf = armor.find("\n\n");
  const std::size_t crlf = armor.find("\r\n\r\n");
  const std::size_t cr = armor.find("\r\r");
  const std::size_t first = std::min({lf, crlf, cr});
  if (first == armor.npos) return {};
  const std::string_view text = armor.substr(first == crlf ? first + 4 : first + 2, 12);
  std::string bytes;
  unsigned bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t digit = kHexadecimal.find(text[i]);
    if (digit == kHexadecimal.npos) break;
    bits = (bits << 6U | static_cast<unsigned>(digit)) & 0xffffU;
    if (i % 4 != 0) bytes += static_cast<char>(bits >> (6U - 2U * (i % 4)) & 0xffU);
  }
  return bytes;
}

// --- DER: ITU-T X.690 ----------------------------------------------------------------------------

constexpr unsigned kInteger = 0x02, kBitString = 0x03, kOctetString = 0x04, kOid = 0x06,
                   kEnumerated = 0x0a, kUtcTime = 0x17, kGeneralizedTime = 0x18, kSequence = 0x30,
                   kSet = 0x31, kContext0 = 0xa0;

struct Element {
  unsigned tag = 0;
  std::string_view content;  ///< cut where the data ends
};

/// The element at the start of `rest`, which is moved behind it; nullopt where there is none.
std::optional<Element> take(std::string_view& rest) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  if (rest.size() < 2) return std::nullopt;
  Element element{at(0), {}};
  std::size_t header = 2;
  std::size_t size = at(1);
  if (size >= 0x80) {
    const std::size_t digits = size & 0x7fU;
    if (digits > 4 || rest.size() < 2 + digits) return std::nullopt;
    size = digits == 0 ? rest.size() : 0;  // indefinite: BER, as some CMS and PKCS#12 files have it
    for (std::size_t i = 0; i < digits; ++i) size = size << 8U | at(2 + i);
    header += digits;
  }
  element.content = rest.substr(header, size);
  rest.remove_prefix(std::min(rest.size(), header + element.content.size()));
  return element;
}

/// The tags of the first elements inside.
struct Tags {
  std::array<unsigned, 5> tag{};
  std::array<std::string_view, 5> content;
  std::size_t count = 0;

  explicit Tags(std::string_view inside) noexcept {
    while (count < tag.size()) {
      const auto element = take(inside);
      if (!element) break;
      tag[count] = element->tag;
      content[count++] = element->content;
    }
  }
};

bool is_time(unsigned tag) noexcept {
  return tag == kUtcTime || tag == kGeneralizedTime;
}

/// SEQUENCE { tbs, algorithm, BIT STRING }: a certificate, a list or a request.
FileKind by_signed_content(std::string_view tbs) noexcept {
  const Tags in(tbs);
  if (in.tag[0] == kContext0) return FileKind::certificate;
  const std::size_t first = in.tag[0] == kInteger ? 1 : 0;
  if (is_time(in.tag[first + 2])) return FileKind::crl;
  if (first == 0) return FileKind::unknown;
  const Tags second(in.content[1]);
  if (second.tag[0] == kOid && in.tag[3] == kSequence) return FileKind::certificate;  // version 1
  return second.count == 0 || second.tag[0] == kSet ? FileKind::certificate_request
                                                    : FileKind::unknown;
}

FileKind by_integer_first(const Tags& in) noexcept {
  const std::string_view number = in.content[0];
  if (in.tag[1] == kSequence) {
    if (number == "\3"sv) return FileKind::pkcs12;
    return Tags(in.content[1]).tag[0] == kOid ? FileKind::private_key : FileKind::unknown;
  }
  if (in.tag[1] == kOctetString) return FileKind::private_key;  // SEC 1
  if (in.tag[1] != kInteger) return FileKind::unknown;
  return in.tag[2] == kInteger ? FileKind::private_key : FileKind::rsa_public_key;  // PKCS#1
}

FileKind by_der(std::string_view data) noexcept {
  const auto whole = take(data);
  if (!whole || whole->tag != kSequence) return FileKind::unknown;
  const Tags in(whole->content);
  if (in.tag[0] == kInteger) return by_integer_first(in);
  if (in.tag[0] == kEnumerated) return FileKind::ocsp_response;
  if (in.tag[0] == kOid) return in.tag[1] == kContext0 ? FileKind::pkcs7 : FileKind::unknown;
  if (in.tag[0] != kSequence) return FileKind::unknown;
  if (in.tag[1] == kBitString) return FileKind::public_key;
  if (in.tag[1] == kOctetString) return FileKind::encrypted_key;
  return in.tag[1] == kSequence && in.tag[2] == kBitString ? by_signed_content(in.content[0])
                                                           : FileKind::unknown;
}

// --- PEM -----------------------------------------------------------------------------------------

struct Label {
  std::string_view text;
  FileKind kind;
};

/// What is private comes first: it decides, whatever else the file holds.
constexpr std::array kLabels = {
    Label{"PGP PRIVATE KEY BLOCK", FileKind::openpgp_secret_key},
    Label{"OPENSSH PRIVATE KEY", FileKind::ssh_private_key},
    Label{"ENCRYPTED COSIGN PRIVATE KEY", FileKind::cosign_key},
    Label{"ENCRYPTED SIGSTORE PRIVATE KEY", FileKind::cosign_key},
    Label{"ENCRYPTED PRIVATE KEY", FileKind::encrypted_key},
    Label{"PRIVATE KEY", FileKind::private_key},
    Label{"PGP PUBLIC KEY BLOCK", FileKind::openpgp_public_key},
    Label{"PGP MESSAGE", FileKind::openpgp_message},
    Label{"PGP SIGNED MESSAGE", FileKind::openpgp_message},
    Label{"PGP SIGNATURE", FileKind::openpgp_signature},
    Label{"SSH2 PUBLIC KEY", FileKind::ssh_public_key},
    Label{"SSH SIGNATURE", FileKind::ssh_signature},
    Label{"AGE ENCRYPTED FILE", FileKind::age_file},
    Label{"CERTIFICATE REQUEST", FileKind::certificate_request},
    Label{"X509 CRL", FileKind::crl},
    Label{"TRUSTED CERTIFICATE", FileKind::trusted_certificate},
    Label{"CERTIFICATE", FileKind::certificate},
    Label{"RSA PUBLIC KEY", FileKind::rsa_public_key},
    Label{"PUBLIC KEY", FileKind::public_key},
    Label{"PKCS7", FileKind::pkcs7},
    Label{"PKCS #7 SIGNED DATA", FileKind::pkcs7},
    Label{"CMS", FileKind::pkcs7},
    Label{"PKCS12", FileKind::pkcs12},
    Label{"OCSP RESPONSE", FileKind::ocsp_response},
};

/// Armor that says that it holds a key of this kind: by its first packet, if that is of another.
FileKind by_armored_key(std::string_view data, FileKind said) noexcept {
  const std::size_t at = data.find("-----BEGIN PGP P");
  const FileKind kind = by_packet(start_of_armor(data.substr(at)));
  if (kind == FileKind::openpgp_newer_key) return kind;
  if (kind != FileKind::openpgp_signature && kind != FileKind::openpgp_revocation) return said;
  const bool guarded = at > 0 && data[at - 1] == ':';
  return guarded ? FileKind::openpgp_guarded_revocation : FileKind::openpgp_revocation;
}

FileKind by_pem(std::string_view data) noexcept {
  constexpr std::string_view kBegin = "-----BEGIN ";
  std::size_t best = kLabels.size();
  for (std::size_t at = data.find(kBegin); at != data.npos; at = data.find(kBegin, at + 1)) {
    const std::string_view rest = data.substr(at + kBegin.size(), 64);
    const std::string_view label = rest.substr(0, rest.find("-----"));
    for (std::size_t i = 0; i < best; ++i) {
      if (label.ends_with(kLabels[i].text)) best = i;
    }
  }
  if (best == kLabels.size()) return FileKind::unknown;
  const bool is_openpgp_key = kLabels[best].kind == FileKind::openpgp_public_key ||
                              kLabels[best].kind == FileKind::openpgp_secret_key;
  if (is_openpgp_key) return by_armored_key(data, kLabels[best].kind);
  const bool sealed = kLabels[best].kind == FileKind::private_key &&
                      data.find("Proc-Type: 4,ENCRYPTED") != data.npos;
  return sealed ? FileKind::encrypted_key : kLabels[best].kind;
}

// --- Lines of text -------------------------------------------------------------------------------

/// The next line of `rest`, which is moved behind it, without blanks at its ends.
std::string_view take_line(std::string_view& rest) noexcept {
  std::string_view line = rest.substr(0, rest.find_first_of("\r\n"));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  const std::size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
  return line.substr(begin, line.find_last_not_of(" \t") + 1 - begin);
}

/// Behind "untrusted comment: …", which says what its writer liked: "Ed", 8 bytes of a number and a
/// key or signature of 32 or 64; a secret key is longer.
FileKind by_minisign(std::string_view line) noexcept {
  constexpr std::size_t kKey = 56, kSignature = 100;  // characters of base64
  if (!line.starts_with("RW") && !line.starts_with("RU")) return FileKind::unknown;
  if (line.size() == kKey) return FileKind::minisign_public_key;
  if (line.size() == kSignature) return FileKind::minisign_signature;
  return line.size() > kSignature ? FileKind::minisign_secret_key : FileKind::unknown;
}

/// "alice@example.org ssh-ed25519 AAAA…": of allowed signers, authorized keys with options, hosts.
bool has_ssh_key(std::string_view line) noexcept {
  for (const std::string_view type : {" ssh-"sv, " ecdsa-sha2-"sv, " sk-ssh-"sv, " sk-ecdsa-"sv}) {
    const std::size_t at = line.find(type);
    if (at != line.npos && line.find(" AAAA", at + 1) != line.npos) return true;
  }
  return false;
}

/// Bech32 has digits and letters of one case (BIP 173).
bool is_age_recipient(std::string_view line) noexcept {
  constexpr std::size_t kShortest = 50;
  return line.starts_with("age1") && line.size() > kShortest &&
         line.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == line.npos;
}

/// By the first line that is no comment; what follows is of the same kind.
FileKind by_line(std::string_view data) noexcept {
  constexpr std::size_t kLooked = 4096;
  std::string_view rest = data.substr(0, kLooked);
  bool commented = false;
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    const bool minisign = line.starts_with("untrusted comment:");
    commented = commented || minisign;
    if (line.empty() || line.starts_with('#') || minisign) continue;
    if (line.starts_with("AGE-SECRET-KEY-") || line.starts_with("AGE-PLUGIN-")) {
      return FileKind::age_identity;
    }
    if (is_age_recipient(line)) return FileKind::age_recipient;
    if (has_ssh_key(line)) return FileKind::ssh_public_key;
    const bool alone = rest.find_first_not_of(" \t\r\n") == rest.npos;
    const FileKind kind = by_minisign(line);
    return commented || (alone && kind == FileKind::minisign_public_key) ? kind : FileKind::unknown;
  }
  return FileKind::unknown;
}

}  // namespace

FileKind file_kind(std::string_view data) noexcept {
  if (data.starts_with("\xef\xbb\xbf")) data.remove_prefix(3);
  const std::size_t text = data.find_first_not_of(" \t\r\n");
  if (text == data.npos) return FileKind::empty;
  if (data.starts_with('\x30')) return by_der(data);
  FileKind kind = by_beginning(data);
  if (kind == FileKind::unknown && text > 0) kind = by_beginning(data.substr(text));
  if (kind == FileKind::unknown) kind = by_pem(data);
  if (kind == FileKind::unknown) kind = by_line(data);
  return kind == FileKind::unknown ? by_packet(data) : kind;
}

}  // namespace sifguard
