use ember::prelude::*;

#[operator]
fn ask(question: &str) -> Result<usize, String> {
    Ok(question.len())
}

graph! {
    #[operator(retry = 3)]
    fn again(question: &str) -> Result<usize, ember::Error> {
        let length = ask(question)?;
        Ok(length)
    }

    #[operator(timeout = "2s")]
    fn timed(question: &str) -> usize {
        let length = { question.len() };
        length
    }

    #[operator(batch(max = 3))]
    fn gathered(question: &str) -> Result<usize, ember::Error> {
        let length = ask(question)?;
        Ok(length)
    }

    #[operator(inline)]
    fn here(question: &str) -> Result<usize, ember::Error> {
        let length = ask(question)?;
        Ok(length)
    }

    #[operator(isolate)]
    fn apart(question: &str) -> Result<usize, ember::Error> {
        let length = ask(question)?;
        Ok(length)
    }

    #[operator(retrry = 3)]
    fn misspelt(question: &str) -> Result<usize, ember::Error> {
        let length = ask(question)?;
        Ok(length)
    }

    #[operator]
    fn bare(question: &str) -> Result<usize, ember::Error> {
        let length = ask(question)?;
        Ok(length)
    }

    #[operator(breaker(key = |host| host.to_string()))]
    fn unknown_key(question: &str) -> Result<usize, ember::Error> {
        let length = ask(question)?;
        Ok(length)
    }
}

fn main() {}
