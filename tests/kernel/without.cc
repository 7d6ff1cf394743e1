// without REFUSAL… -- PROGRAM [ARGUMENT…]: runs a program as on another kernel or node (refusals.h
// says what can be refused). Any privilege.
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "tests/kernel/refusals.h"

int main(int argc, char** argv) {
  std::vector<std::string> refusals;
  int at = 1;
  while (at < argc && std::string_view(argv[at]) != "--") refusals.emplace_back(argv[at++]);
  if (refusals.empty() || at + 1 >= argc) {
    std::fputs("usage: without REFUSAL... -- PROGRAM [ARGUMENT...]\n", stderr);
    return 99;
  }
  sifguard::test::refuse_from_now_on(refusals);
  ::execvp(argv[at + 1], argv + at + 1);
  std::perror(argv[at + 1]);
  return 99;
}
