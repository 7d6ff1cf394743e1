// bench_image OUT SIZE SIGNATURES: makes an image of SIZE bytes with that many OpenPGP signatures,
// each by a key of its own, and OUT.asc with the public keys. Uses gpg in a home of its own. Tests
// only.
#include <cstdlib>
#include <iostream>

#include "tests/bench/large_image.h"
#include "tests/unit/verify/signing.h"

int main(int argc, char** argv) {
  using namespace sifguard;
  if (argc != 4) {
    std::cerr << "usage: bench_image OUT SIZE SIGNATURES\n";
    return 64;
  }
  const std::string out = argv[1];
  test::SifBuilder builder = test::large_image(std::strtoull(argv[2], nullptr, 10));
  const std::string statement = test::statement_of(builder.build());
  const test::TestGpg gpg;
  for (int i = 0; i < std::atoi(argv[3]); ++i) {
    const std::string key = gpg.generate("bench" + std::to_string(i));
    std::ofstream(out + "." + std::to_string(i) + ".asc") << gpg.public_key(key);
    test::ObjectSpec signature = test::signature_of(gpg.clearsign(statement, key));
    // apptainer compares the claim with the signer.
    for (std::size_t byte = 0; byte < 20 && 2 * byte < key.size(); ++byte) {
      signature.extra[4 + byte] =
          static_cast<char>(std::strtoul(key.substr(2 * byte, 2).c_str(), nullptr, 16));
    }
    builder.add(signature);
  }
  std::ofstream image(out, std::ios::binary);
  image << builder.build();
  return image.flush() ? 0 : 70;
}
