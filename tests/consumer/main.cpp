#include <cairn/cairn.hpp>

int main() {}
