#pragma once
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

/* A macro made of other macros. */
static const int chantal_evp_public_key = EVP_PKEY_PUBLIC_KEY;
